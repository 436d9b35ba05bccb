"""Commands that train or import every model in weights/, and the code that they share."""
