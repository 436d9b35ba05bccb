"""The sample pictures of the page, with their credits and descriptions."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ASSETS = Path(__file__).parent


class Sample(BaseModel):
    """One bundled picture and its credit."""

    model_config = ConfigDict(frozen=True)

    file: str
    title: str
    author: str
    year: str = ""
    licence: str
    alt: str

    @property
    def path(self) -> str:
        """The path of the file."""
        return str(ASSETS / self.file)

    @property
    def thumbnail(self) -> str:
        """The path of its small square copy."""
        file = ASSETS / self.file
        return str(file.parent / "thumbnails" / file.name)

    @property
    def name(self) -> str:
        """The name for links: that of the file, without its suffix."""
        return Path(self.file).stem

    @property
    def credit(self) -> str:
        """Title, author, year and licence in one line."""
        return ", ".join(part for part in (self.title, self.author, self.year, self.licence) if part)


@functools.cache
def photos() -> tuple[Sample, ...]:
    """Photographs to restyle, the default first."""
    return _read("photos")


@functools.cache
def earlier_photos() -> tuple[Sample, ...]:
    """Photographs that the page no longer offers; links, studies and scripts name them."""
    return _read("earlier_photos")


def every_photo() -> tuple[Sample, ...]:
    """Photographs that a link may name: those on the page and the earlier ones."""
    return photos() + earlier_photos()


@functools.cache
def paintings() -> tuple[Sample, ...]:
    """Paintings to take the style of, the default first."""
    return _read("paintings")


def _read(kind: str) -> tuple[Sample, ...]:
    tables = tomllib.loads((ASSETS / "pictures.toml").read_text())[kind]
    return tuple(Sample.model_validate(table) for table in tables)
