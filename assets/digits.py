"""Ten handwritten digits of MNIST's test set (LeCun et al., 1998), the first of each class: 28 × 28 pixels side by side.

`python -m training.shift_pair` writes the file.
"""

from __future__ import annotations

from assets.samples import ASSETS

FILE = ASSETS / "digits.png"
SIDE = 28  # pixels
