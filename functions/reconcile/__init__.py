"""The function that compares all records with the identity provider and repairs differences."""
