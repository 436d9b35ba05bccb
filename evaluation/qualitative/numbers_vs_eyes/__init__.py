"""Numbers against eyes: do the scores that need no raters put a study's arms in the order in which people put them?"""
