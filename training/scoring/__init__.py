"""Score the bundled models: what writes weights/*/metrics.json."""
