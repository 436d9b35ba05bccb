"""Figures of the GAN tab's sections."""
