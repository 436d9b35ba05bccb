"""A study's results as one zip, for a paper's supplement or the Hub, with a script that recomputes all numbers."""
