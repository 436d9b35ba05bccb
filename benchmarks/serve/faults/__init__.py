"""Faults of the machine, the database, the Hub and the visitors, injected while raters vote."""
