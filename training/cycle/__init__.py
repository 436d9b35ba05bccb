"""The training of CycleGAN translators between two sets of emoji, and the export of its runs into weights/."""
