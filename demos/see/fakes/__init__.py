"""Real or fake: spotting, marking and detecting pictures that a machine made."""
