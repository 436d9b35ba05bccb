"""Data sets, from packages that are fetched once and verified."""
