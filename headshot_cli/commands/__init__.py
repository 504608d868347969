"""What the `headshot` command can do, by whom it is about."""
