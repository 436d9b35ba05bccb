"""The training of the light style network from AdaIN, its evaluation, and its export into weights/."""
