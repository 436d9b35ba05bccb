"""How good are generated pictures? Judged by people in `qualitative`."""
