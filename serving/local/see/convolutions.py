"""Filters and the pair of digit classifiers; `serving.engine.convolutions.ConvolutionViewer` documents the methods."""

from __future__ import annotations

import functools
import json

from safetensors import safe_open

from models.hub import loading, manifest
from models.style import first_filters
from serving.engine.convolutions import AccuracyOverPlaces, FirstFilter, ShiftedDigits

PAIR = "shift-pair"
PLACES = "places.json"  # beside the weights, written by `training.shift_pair`


class LocalConvolutions:
    """The part of the engine that shows why convolutions."""

    def first_filters(self) -> list[FirstFilter]:
        """See `ConvolutionViewer.first_filters`."""
        return list(_first_filters())

    def shift_pair(self) -> bytes:
        """See `ConvolutionViewer.shift_pair`."""
        return _shift_pair()

    def shifted_digits(self) -> ShiftedDigits:
        """See `ConvolutionViewer.shifted_digits`."""
        measured = json.loads((manifest.FOLDER / PAIR / PLACES).read_text())
        rows = {
            name: AccuracyOverPlaces(**{**row, "places": tuple(map(tuple, row["places"]))})
            for name, row in measured["classifiers"].items()
        }
        return ShiftedDigits(measured["mapped_digits"], **rows)


@functools.cache
def _first_filters() -> tuple[FirstFilter, ...]:
    """From four tensors of the file: the network itself may be loaded much later."""
    with safe_open(loading.locate("vgg19", source="bundled").path, "pt") as file:
        folded = first_filters.folded({key: file.get_tensor(key) for key in first_filters.KEYS})
    return tuple(
        FirstFilter(tuple(weights.flatten().tolist()), float(bias), first_filters.responds_to(weights))
        for weights, bias in zip(folded.weights, folded.biases, strict=True)
    )


@functools.cache
def _shift_pair() -> bytes:
    return loading.locate(PAIR, source="bundled").path.read_bytes()
