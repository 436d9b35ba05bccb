"""The page: a folder a tab, one file a section; `python -m demos gan` serves one tab alone."""
