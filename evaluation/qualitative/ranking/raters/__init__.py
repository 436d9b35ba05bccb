"""Raters: how well each looks at the pictures, and which rules exclude some."""
