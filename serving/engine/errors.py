"""The error of a request that an engine can't answer."""


class EngineError(ValueError):
    """A request that can't be answered; the message says why and what to do, in one sentence for the page."""
