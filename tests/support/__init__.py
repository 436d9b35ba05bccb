"""Servers, data and drivers that tests and benchmarks share."""
