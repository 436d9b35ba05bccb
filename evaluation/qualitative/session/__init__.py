"""Rating sessions: the stages of a rater, which ballot comes next, and limits."""
