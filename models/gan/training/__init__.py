"""How a GAN is trained: the adversarial loop, its losses, penalties and recipes."""
