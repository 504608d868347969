"""The stores: the modules that call AWS. Each wraps one resource of the stack, or one part of it."""
