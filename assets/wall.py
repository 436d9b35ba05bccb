"""The wall's stored pictures: each sample photo in the style of each sample painting."""

from __future__ import annotations

import functools
import tomllib

from pydantic import BaseModel, ConfigDict

from assets.samples import ASSETS

FOLDER = ASSETS / "wall"
TABLE = ASSETS / "wall.toml"


class Stored(BaseModel):
    """One stored picture of the wall."""

    model_config = ConfigDict(frozen=True)

    file: str
    width: int
    height: int
    sha256: str

    @property
    def path(self) -> str:
        """The path of the file."""
        return str(FOLDER / self.file)


@functools.cache
def pictures() -> dict[str, dict[str, Stored]]:
    """Every stored picture, by the name of the photo and then of the painting."""
    tables = tomllib.loads(TABLE.read_text())
    return {
        photo: {painting: Stored.model_validate(entry) for painting, entry in row.items()}
        for photo, row in tables.items()
    }
