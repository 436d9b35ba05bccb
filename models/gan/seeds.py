"""Which seeds there are, apart from `latent`: who only keeps seeds need not load torch."""

MAX_SEED = 2**32 - 1
