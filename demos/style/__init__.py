"""The tab that paints photographs: at once, slowly, and many in one go."""
