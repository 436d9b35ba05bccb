"""The lecture as a path: its steps as data (`path.toml`), and the rules of a class that follows them."""
