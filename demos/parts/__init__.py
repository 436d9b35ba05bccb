"""What several tabs share: inputs, files, inline HTML, curves, stopping."""
