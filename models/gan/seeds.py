"""The range of seeds, in a module that needs no torch."""

MAX_SEED = 2**32 - 1
