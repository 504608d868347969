"""Measures what pictures cost, at worst and compared with other libraries."""
