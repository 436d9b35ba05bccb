"""What can be wrong with weights. Imports no torch."""


class WeightsError(RuntimeError):
    """Weights that are missing, damaged or not the ones they should be; the message names the file and the key."""


class UnreachableError(WeightsError):
    """Weights that can't be fetched at the moment, because their source does not answer."""

    http_status = 503
