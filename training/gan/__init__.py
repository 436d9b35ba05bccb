"""Train GANs from recipes and put them into weights/."""
