"""Train CycleGAN translators between two sets of emoji."""
