"""The suite. A regular package, because a package of its dependencies installs a `tests` of its own."""
