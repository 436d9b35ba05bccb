"""Generative adversarial networks: generators, discriminators, translators, latents."""
