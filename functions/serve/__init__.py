"""The function that serves photos."""
