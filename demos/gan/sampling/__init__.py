"""Sections of the GAN tab that look closer at the samples of a seed; each works only while it is open."""
