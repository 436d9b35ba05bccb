"""A class of 200 phones in one room, measured: `python -m benchmarks.room`."""
