"""Every number in docs/benchmarks.md: `python -m benchmarks.NAME [--quick]`."""
