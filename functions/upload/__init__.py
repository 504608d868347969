"""The function that sets photos, returns records and erases people."""
