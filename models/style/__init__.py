"""Style transfer: Gatys et al. by optimisation, AdaIN and the light network in one pass."""
