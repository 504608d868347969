"""What the functions share: the rules about photos, users and records, and the two stores they are kept in."""

__version__ = "0.1.0"
