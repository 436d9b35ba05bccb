"""What an engine refuses."""


class EngineError(ValueError):
    """A request that no engine can answer; the message says why, for people."""
