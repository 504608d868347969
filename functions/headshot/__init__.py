"""What the functions share: the use cases, the stores that call AWS, and the rules about pictures and user ids."""

__version__ = "0.1.0"
