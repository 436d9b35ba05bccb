"""Malformed requests to every address."""
