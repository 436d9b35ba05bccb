"""The answers to what the tab "See" asks, on this machine."""
