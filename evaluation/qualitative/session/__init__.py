"""Where a rater stands: the stages of a session, which ballot comes next, limits."""
