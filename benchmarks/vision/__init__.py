"""Each application of See beside its library's own reference call."""
