"""The function that hands photo URLs to the identity provider."""
