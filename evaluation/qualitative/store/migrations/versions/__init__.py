"""One module a step, run in the order of `down_revision`."""
