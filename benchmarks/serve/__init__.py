"""The app under load, malformed requests and faults, and over a long time."""
