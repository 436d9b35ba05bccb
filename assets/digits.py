"""Ten handwritten digits side by side: the first of each class in MNIST's test set (LeCun et al., 1998).

`python -m training.shift_pair` writes the file.
"""

from __future__ import annotations

from assets.samples import ASSETS

FILE = ASSETS / "digits.png"
SIDE = 28  # pixels
