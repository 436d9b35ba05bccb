"""The invisible mark: what it survives, what it fails, and its time."""
