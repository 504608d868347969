"""What the functions share: the rules about photos, users and records, and the two stores they are kept in."""
