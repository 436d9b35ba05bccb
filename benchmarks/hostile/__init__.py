"""Hostile acts against the running app, and what changes for other raters: `python -m benchmarks.hostile`."""
