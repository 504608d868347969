"""What talks to AWS: the only modules that do."""
