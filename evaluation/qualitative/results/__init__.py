"""Who sees what of the outcome: access, cached summaries, exports, methods, figures."""
