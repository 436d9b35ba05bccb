"""Live training in a process of its own, `python -m serving.live`, so that it never delays anybody's samples."""
