"""The wall's stored pictures: each sample photo, small, and in the style of each sample painting."""

from __future__ import annotations

import functools
import tomllib

from pydantic import BaseModel, ConfigDict

from assets.samples import ASSETS

FOLDER = ASSETS / "wall"
TABLE = ASSETS / "wall.toml"
PHOTO = "photo"  # the entry of a photo's own small copy, among those of the paintings


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


def pictures() -> dict[str, dict[str, Stored]]:
    """Every stored picture in the style of a painting, by the name of the photo and then of the painting."""
    return {photo: {name: stored for name, stored in row.items() if name != PHOTO} for photo, row in _entries().items()}


def photos() -> dict[str, Stored]:
    """The small copy of each photo, by its name."""
    return {photo: row[PHOTO] for photo, row in _entries().items()}


@functools.cache
def _entries() -> dict[str, dict[str, Stored]]:
    tables = tomllib.loads(TABLE.read_text())
    return {photo: {name: Stored.model_validate(entry) for name, entry in row.items()} for photo, row in tables.items()}
