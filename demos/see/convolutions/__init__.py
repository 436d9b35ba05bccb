"""Why convolutions: a window over a photo, the filters of a network, and a digit that moves; one file a section."""
