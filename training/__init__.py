"""The code that made every file in weights/: one command each, on any machine."""
