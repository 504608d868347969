"""What administrators run on their own machine."""
