"""The function that takes photos in, shows records and erases people."""
