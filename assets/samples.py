"""The pictures that the page starts with: who made them, and what they show."""

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
        """Where the file lies."""
        return str(ASSETS / self.file)

    @property
    def thumbnail(self) -> str:
        """Where its small square copy lies."""
        whole = ASSETS / self.file
        return str(whole.parent / "thumbnails" / whole.name)

    @property
    def name(self) -> str:
        """A short name for links: the file's own."""
        return Path(self.file).stem

    @property
    def credit(self) -> str:
        """One line that names the maker."""
        return ", ".join(part for part in (self.title, self.author, self.year, self.licence) if part)


@functools.cache
def photos() -> tuple[Sample, ...]:
    """Photographs to restyle, the default first."""
    return _read("photos")


@functools.cache
def paintings() -> tuple[Sample, ...]:
    """Paintings to take the style of, the default first."""
    return _read("paintings")


def _read(kind: str) -> tuple[Sample, ...]:
    tables = tomllib.loads((ASSETS / "pictures.toml").read_text())[kind]
    return tuple(Sample.model_validate(table) for table in tables)
