"""Scores of a generator computed without raters: Inception Score, FID, coverage, GAM, memorisation."""
