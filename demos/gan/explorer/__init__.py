"""Points of the latent space: pins, the ways between them, sums of them, and a visitor's own picture as a point."""
