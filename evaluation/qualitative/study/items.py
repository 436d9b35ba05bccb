"""The items of a study: seeds, pairs of a photo and a painting, or files that every folder of pictures holds."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from evaluation.qualitative.study.arms import Inside, Table
from models.gan.seeds import MAX_SEED

MAX_ITEMS = 10_000
MAX_LENGTH = 200  # characters of an item's id
BETWEEN = "--"  # the photo and the painting in an item's id

Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Stem = Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f\x7f]+$", max_length=MAX_LENGTH)]


def _counted(seeds: Any) -> Any:
    """`seeds = 200` is short for the seeds 0 to 199."""
    if type(seeds) is not int:
        return seeds
    if not 1 <= seeds <= MAX_ITEMS:
        raise ValueError(f"should be 1 to {MAX_ITEMS:,} seeds, or a list of them")
    return list(range(seeds))


class Items(Table):
    """The items of a study. Every arm must be able to draw every item.

    Attributes:
        seeds: their number (0, 1, 2 …) or a list; any seed that a generator takes by default.
        paired: both pictures of a ballot show the same seed; photos and files are always the same.
        offset: seeds are moved by a secret, so that nobody can look up a ballot's pictures; false draws from the seeds
            themselves, for example to show the pictures of a published study again.
        contents: photographs for style arms, each combined with each of `styles`: the name of a picture that the app
            ships, or a path beside the study file.
        styles: paintings, likewise.
        pairs: further combinations, as [content, style].
        show_inputs: raters see the photo and the painting of an item beside its pictures.
        files: file names without ending that every folder of pictures holds; all shared names by default.
    """

    seeds: Annotated[list[Seed], Field(min_length=1, max_length=MAX_ITEMS), BeforeValidator(_counted)] | None = None
    paired: bool = False
    offset: bool = True
    contents: list[Inside] = Field(default_factory=list, max_length=1_000)
    styles: list[Inside] = Field(default_factory=list, max_length=1_000)
    pairs: list[tuple[Inside, Inside]] = Field(default_factory=list, max_length=MAX_ITEMS)
    show_inputs: bool = False
    files: list[Stem] = Field(default_factory=list, max_length=MAX_ITEMS)

    @property
    def kind(self) -> Literal["seeds", "style", "files"]:
        """The kind of the items."""
        if self.contents or self.styles or self.pairs:
            return "style"
        return "files" if self.files else "seeds"

    @cached_property
    def ids(self) -> list[str] | None:
        """The ids of all items, in order; None where any seed is an item."""
        match self.kind:
            case "style":
                return list(self.combinations)
            case "files":
                return list(self.files)
            case _:
                return None if self.seeds is None else [str(seed) for seed in self.seeds]

    @cached_property
    def combinations(self) -> dict[str, tuple[str, str]]:
        """The photo and the painting behind each item's id."""
        return {
            f"{PurePosixPath(content).stem}{BETWEEN}{PurePosixPath(style).stem}": (content, style)
            for content, style in [*product(self.contents, self.styles), *self.pairs]
        }

    def holds(self, item: str) -> bool:
        """Return whether this is the id of an item."""
        ids = self.ids
        if ids is None:
            return item.isascii() and item.isdecimal() and str(int(item[:11])) == item and int(item) <= MAX_SEED
        return item in ids

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.contents) != bool(self.styles):
            raise ValueError("contents and styles belong together: each photo is combined with each painting")
        given = [name for name in ("seeds", "contents", "pairs", "files") if getattr(self, name)]
        if len(given) > 1 and given != ["contents", "pairs"]:
            raise ValueError(f"items are of one kind; here are {' and '.join(given)}")
        if self.show_inputs and self.kind != "style":
            raise ValueError("`show_inputs` is for items of a photo and a painting")
        wanted = len(self.contents) * len(self.styles) + len(self.pairs)
        if wanted > MAX_ITEMS:
            raise ValueError(f"{wanted:,} items are more than {MAX_ITEMS:,}")
        ids = self.ids or []
        if len(set(ids)) < max(len(ids), wanted):
            raise ValueError("an item is listed twice (a photo and a painting are told apart by their file names)")
        if long := next((item for item in ids if len(item) > MAX_LENGTH), None):
            raise ValueError(f"{long[:40]}… is longer than {MAX_LENGTH} characters")
        return self
