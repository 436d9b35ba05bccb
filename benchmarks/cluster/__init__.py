"""The engine on a Ray cluster, beside the engine in one process."""
