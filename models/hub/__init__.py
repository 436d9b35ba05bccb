"""Where weights come from: the manifest, the Hub, the bundled copies, guests."""
