"""How a training run goes on, in one process or several."""
