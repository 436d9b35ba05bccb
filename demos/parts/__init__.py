"""Pieces that several tabs share: inputs, event options, files, inline HTML, curves, the Stop button."""
