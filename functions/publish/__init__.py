"""The function that publishes photo URLs to the identity provider."""
