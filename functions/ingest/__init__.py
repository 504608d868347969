"""The function that makes photos of the files in the drop box."""
