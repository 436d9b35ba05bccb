"""'Just look': people compare pictures without knowing where they come from, and their votes rank the sources."""
