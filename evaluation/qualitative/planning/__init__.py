"""Before the first rater: how many are needed, and what was declared beforehand."""
