"""What can be wrong with weights. Imports no torch."""


class WeightsError(RuntimeError):
    """Weights that are missing, damaged or not the ones they should be; the message names the file and the key."""
