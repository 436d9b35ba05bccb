"""Style transfer in one pass: what a tab may ask, and the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from PIL import Image

from serving.engine.durations import in_words

if TYPE_CHECKING:
    from media.video_writing import FilmKind
    from serving.engine.settings import Network, RestyleSettings


@dataclass(frozen=True)
class Estimate:
    """What a piece of work will take, estimated before it starts."""

    width: int  # of the result, in pixels
    height: int
    frames: int
    seconds: float
    megabytes: float  # of memory at the peak, networks included
    reduced: str = ""  # why the size is smaller than asked for, in brackets
    lost: str = ""  # what the result will lack, a sentence

    @property
    def sentence(self) -> str:
        """The estimate in words."""
        size = f"{self.width:,} × {self.height:,} pixels"
        what = f"{self.frames:,} frames of {size}" if self.frames > 1 else size
        cost = f"about {in_words(self.seconds)} and {self.megabytes / 1000:.1f} GB of memory."
        return f"{' '.join(filter(None, (what, self.reduced)))}: {cost} {self.lost}".rstrip()


@dataclass(frozen=True)
class Restyled:
    """A photograph before and after, of one size; `before` is prepared."""

    before: Image.Image
    after: Image.Image


@dataclass(frozen=True)
class RestyleStep:
    """How far a picture is; the last step has the result."""

    done: int  # tiles
    total: int
    result: Restyled | None = None


@dataclass(frozen=True)
class SheetStep:
    """How far a contact sheet is, and the sheet so far."""

    done: int  # styles
    total: int
    sheet: Image.Image


@dataclass(frozen=True)
class FolderStep:
    """How far a folder is; a file that cannot be used is left out and named with the reason."""

    done: int
    total: int
    name: str
    picture: Image.Image | None  # None where it was left out
    problem: str = ""


@dataclass(frozen=True)
class VideoStep:
    """How far a film is, and its last frame."""

    done: int
    total: int
    frame: Image.Image
    seconds_left: float


class Restyler(Protocol):
    """Style transfer in one pass. Pictures are RGB; what cannot be done raises `EngineError` with one sentence.

    Methods that return iterators are generators: close one and its work stops before the next step, leaving no file.
    """

    def restyled(
        self,
        content: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        mask: Image.Image | None = None,
        regions: Sequence[Image.Image] = (),
    ) -> Restyled:
        """Paint the content in one or more styles with every setting.

        Args:
            content: RGB photograph.
            styles: RGB paintings, as many as `settings.weights`.
            settings: all of them count.
            mask: what was drawn on the prepared content, RGBA or L; needed for and used by the area 'drawn'.
            regions: one mask for each style: it goes there only, and the weights don't count.
        """

    def restyle_steps(
        self,
        content: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        mask: Image.Image | None = None,
        regions: Sequence[Image.Image] = (),
    ) -> Iterator[RestyleStep]:
        """The same tile by tile, for a progress bar and a stop button."""

    def prepared(self, content: Image.Image, settings: RestyleSettings) -> Image.Image:
        """The content prepared and at the result's size, as it will be painted."""

    def mask(
        self, content: Image.Image, settings: RestyleSettings, *, drawn: Image.Image | None = None
    ) -> Image.Image | None:
        """Where the style goes, mode L at the size of `prepared`; None where that is everywhere."""

    def cut_out(self, content: Image.Image) -> Image.Image:
        """The content as RGBA, its background transparent."""

    def estimate(self, size: tuple[int, int], settings: RestyleSettings, *, frames: int = 1) -> Estimate:
        """What it will take to restyle pictures of a size (width, height) on this machine."""

    def instant_side(self, network: Network = "auto") -> int:
        """The largest of `INSTANT_SIDES` at which this machine restyles within about a second, else the smallest."""

    def contact_sheet(
        self, content: Image.Image, styles: Sequence[Image.Image], settings: RestyleSettings
    ) -> Iterator[SheetStep]:
        """One photograph in every style, side by side with the photograph; the weights don't count."""

    def restyle_folder(
        self, source: str | Path | BinaryIO, target: Path, styles: Sequence[Image.Image], settings: RestyleSettings
    ) -> Iterator[FolderStep]:
        """Restyle every picture of a zip into another zip at `target`, of PNGs."""

    def estimate_video(self, source: str | Path, settings: RestyleSettings, *, kind: FilmKind = "mp4") -> Estimate:
        """What a film will take, and what of its sound is lost. Raises at once if the film can't be used."""

    def restyle_video(
        self,
        source: str | Path,
        target: Path,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        smoothing: float = 0.8,
        kind: FilmKind = "mp4",
    ) -> Iterator[VideoStep]:
        """Restyle a short film or GIF into a film at `target`: upright, each frame at its time, with its sound.

        Args:
            source: the film.
            target: where the result goes, once it is whole.
            styles: as in `restyled`.
            settings: as in `restyled`. The area 'drawn' is refused, because the picture moves; AdaIN always paints,
                because its statistics can be smoothed over time.
            smoothing: 0 … 0.98 against flicker.
            kind: mp4, with the sound as AAC where an MP4 does not take it as it is; or gif, without sound.
        """
