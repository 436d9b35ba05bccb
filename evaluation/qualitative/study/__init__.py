"""What is asked: a study file, its arms, items and pictures."""
