"""Preprocessing in a chosen order, on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from media import preprocessing
from media.preprocessing import Preparation
from serving.engine.preprocessing import PreprocessedStep
from serving.local.restyling import LocalRestyler, has_subject

NO_SUBJECT = "No subject was found in this picture, so the background stays."


class LocalPreprocessor(LocalRestyler):
    """The part of the engine that preprocesses; `serving.engine.preprocessing.Preprocessor` documents the method."""

    def preprocess(self, picture: Image.Image, steps: Sequence[Preparation]) -> list[PreprocessedStep]:
        missing: list[str] = []  # filled while the step runs that misses its subject

        def find_subject(before: Image.Image) -> Image.Image:
            mask = self._subjects(before)
            if has_subject(mask):
                return mask
            missing.append(NO_SUBJECT)
            return Image.new("L", before.size, 255)

        pictures = preprocessing.in_order(picture, steps, find_subject=find_subject)
        return [PreprocessedStep(after, missing.pop() if missing else "") for after in pictures]
