"""Votes that were cast elsewhere: reading them from a table, and storing them beside the study's own."""
