"""Pictures, films and archives at the edge: hostile files become clean pictures. Imports no torch."""
