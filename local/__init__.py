"""The stack on one machine: an emulator of AWS, the real template.yaml deployed into it, no account and no Docker."""
