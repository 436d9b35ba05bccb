"""The two widths that each test of the browser runs at, unless it says that one will do."""

import pytest

WIDTHS = {"desktop": (1280, 860), "phone": (390, 844)}
DESK = pytest.mark.parametrize("page", ["desktop"], indirect=True)  # where the width makes no difference
