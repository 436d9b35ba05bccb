"""Many raters voting at once."""
