"""What the page costs the server."""
