"""The tab that samples GANs: seeds, latent sliders, walks, attention, guests."""
