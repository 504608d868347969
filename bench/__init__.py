"""What imaging costs, and what it can be made to cost."""
