"""Train the light style network from AdaIN."""
