"""The function that answers HEAD and GET of photos."""
