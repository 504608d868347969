"""The commands of `headshot`, by what they are about: one person, everyone, or the stack."""
