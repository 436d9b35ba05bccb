"""The stored thumbnails of the generators: sixteen samples each, small enough for a card."""

from __future__ import annotations

import functools
import tomllib

from pydantic import BaseModel, ConfigDict

from assets.samples import ASSETS

FOLDER = ASSETS / "generators"
TABLE = ASSETS / "generators.toml"


class Thumbnail(BaseModel):
    """The stored picture of one generator."""

    model_config = ConfigDict(frozen=True)

    file: str
    sha256: str
    weights: str  # sha256 of the weights that drew it

    @property
    def path(self) -> str:
        """The path of the file."""
        return str(FOLDER / self.file)


@functools.cache
def thumbnails() -> dict[str, Thumbnail]:
    """Every stored thumbnail, by the generator's name."""
    return {name: Thumbnail.model_validate(entry) for name, entry in tomllib.loads(TABLE.read_text()).items()}
