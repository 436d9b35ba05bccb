"""Every number that the README gives: `python -m benchmarks.NAME [--quick]`."""
