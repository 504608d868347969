"""The function that ingests files from the drop box."""
