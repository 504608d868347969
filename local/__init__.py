"""The stack on one machine: template.yaml, deployed into an AWS emulator, without an account and without Docker."""
