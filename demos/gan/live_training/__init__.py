"""The section in which a visitor trains a small GAN: its controls, the drawing board, and what is seen of the run."""
