"""The log: how a line looks, and the line of each request."""
