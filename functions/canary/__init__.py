"""The function that catches up on what was missed."""
