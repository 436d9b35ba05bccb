"""Cartoon faces of which every attribute is known: Open Peeps (Pablo Stanley, CC0), drawn by DiceBear.

Each face is drawn once with each skin tone. So two data sets can hold the same faces and differ in nothing but how many
have which tone, and what a generator makes of that can be counted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor

from training.data import packages

SIDE = 64  # pixels
TRAIN, HELD_OUT = 8_000, 1_000  # faces, each in both tones
BALANCED, SKEWED = 0.5, 0.05  # share of the darker tone
SEED = 0

TONES = {"lighter": "edb98a", "darker": "ae5d29"}
HAIR = {  # DiceBear's heads by length, those in `DYED` in the hair's colour and the others black
    "bald": ("noHair1",),
    "short": ("flatTop", "short5", "short4", "grayShort"),
    "long": ("bangs2", "long", "afro", "bangs"),
}
DYED = ("short4", "grayShort", "bangs")
GLASSES = {"no glasses": None, "glasses": "glasses3", "sunglasses": "sunglasses"}
BEARDS = {"no beard": None, "beard": "full2"}
MOUTHS = {"smile": "smile", "teeth": "smileBig", "serious": "serious"}
HAIR_COLOURS = {"red": "c93305", "blond": "d6b370", "pink": "f59797"}
CLOTHES = {"red": "e78276", "yellow": "fdea6b", "green": "78e185", "blue": "8fa7df"}

ATTRIBUTES: dict[str, tuple[str, ...]] = {  # the columns of `attributes`, and what their numbers mean
    "skin": tuple(TONES),
    "hair": tuple(HAIR),
    "glasses": tuple(GLASSES),
    "beard": tuple(BEARDS),
    "mouth": tuple(MOUTHS),
    "clothes": tuple(CLOTHES),
}
KIND = ("skin", "hair", "glasses", "beard")  # what a face is judged by
SHARES: dict[str, tuple[float, ...]] = {  # of the values of the attributes that are not evenly spread
    "hair": (0.2, 0.4, 0.4),
    "glasses": (0.6, 0.2, 0.2),
    "beard": (0.7, 0.3),
}


def faces(*, darker: float = BALANCED, train: bool = True) -> tuple[Tensor, Tensor]:
    """Faces on white, with a chosen share of the darker skin tone.

    Args:
        darker: share of the darker tone, 0 … 1. The faces themselves, their hair and the rest stay the same.
        train: the faces to train on, or those held out.

    Returns:
        uint8 pictures `(N, 3, 64, 64)` in 0 … 255, and `(N, 6)` indices into the values of `ATTRIBUTES`.

    Raises:
        ValueError: the share is not one.
        PackageError: a package could not be fetched, or Node.js is missing.
    """
    if not 0 <= darker <= 1:
        raise ValueError(f"darker must be a share from 0 to 1, got {darker}")
    in_both_tones, attributes = _drawn()
    part = slice(None, TRAIN) if train else slice(TRAIN, None)
    count = TRAIN if train else HELD_OUT
    rank = np.random.default_rng(SEED + 1).permutation(count)
    tone = (rank < round(darker * count)).astype(np.int64)
    chosen = in_both_tones[part][np.arange(count), tone]
    labels = torch.from_numpy(attributes[part].copy())
    labels[:, 0] = torch.from_numpy(tone)
    return torch.from_numpy(np.ascontiguousarray(chosen)).permute(0, 3, 1, 2).contiguous(), labels


def balanced(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """Faces of which half have the darker tone, and the kind of each `(N,)`: see `kinds`."""
    pictures, attributes = faces(darker=BALANCED, train=train)
    return pictures, kinds(attributes)


def skewed(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """The same faces, of which one in twenty has the darker tone, and the kind of each `(N,)`."""
    pictures, attributes = faces(darker=SKEWED, train=train)
    return pictures, kinds(attributes)


def kinds(attributes: Tensor) -> Tensor:
    """The 36 combinations of the attributes in `KIND`, as one number for each face.

    Args:
        attributes: `(N, A)` with the columns of `ATTRIBUTES`, of which those of `KIND` come first.
    """
    kind = torch.zeros(len(attributes), dtype=torch.int64)
    for column, name in enumerate(KIND):
        kind = kind * len(ATTRIBUTES[name]) + attributes[:, column]
    return kind


def attributes_of(kind: Tensor) -> dict[str, Tensor]:
    """The index of each attribute of `KIND` `(N,)`, of kinds `(N,)`: the way back from `kinds`."""
    indices = {}
    for name in reversed(KIND):
        indices[name] = kind % len(ATTRIBUTES[name])
        kind = kind // len(ATTRIBUTES[name])
    return {name: indices[name] for name in KIND}


def _drawn() -> tuple[np.ndarray, np.ndarray]:
    """Every face in both tones, uint8 `(N, 2, 64, 64, 3)`, drawn once and kept, and the attributes `(N, 6)`."""
    attributes, options = _invented(TRAIN + HELD_OUT)
    target = packages.CACHE / "data" / f"open-peeps-{packages.OPEN_PEEPS.version}-{len(options)}.raw"
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_suffix(".lock")):
        if not target.exists():
            _draw([face | {"skinColor": [tone]} for face in options for tone in TONES.values()], target)
    shape = (len(options), len(TONES), SIDE, SIDE, 3)
    return np.memmap(target, dtype=np.uint8, mode="r", shape=shape), attributes


def _invented(count: int) -> tuple[np.ndarray, list[dict[str, object]]]:
    """Attributes `(count, 6)` drawn independently of each other, and DiceBear's options for each face."""
    random = np.random.default_rng(SEED)
    columns = [random.choice(len(values), count, p=SHARES.get(name)) for name, values in ATTRIBUTES.items()]
    attributes = np.stack(columns, axis=1).astype(np.int64)
    options: list[dict[str, object]] = []
    for _, hair, glasses, beard, mouth, clothes in attributes:
        heads = list(HAIR.values())[hair]
        accessory, beard_kind = list(GLASSES.values())[glasses], list(BEARDS.values())[beard]
        options.append(
            {
                "head": [heads[random.integers(len(heads))]],
                "headContrastColor": [list(HAIR_COLOURS.values())[random.integers(len(HAIR_COLOURS))]],
                "face": [list(MOUTHS.values())[mouth]],
                "clothingColor": [list(CLOTHES.values())[clothes]],
                "accessories": [accessory] if accessory else [],
                "accessoriesProbability": 100 if accessory else 0,
                "facialHair": [beard_kind] if beard_kind else [],
                "facialHairProbability": 100 if beard_kind else 0,
                "maskProbability": 0,
            }
        )
    return attributes, options


def _draw(options: list[dict[str, object]], target: Path) -> None:
    """Draw with DiceBear and resvg in Node.js; `target` appears only when it is complete."""
    parts = {
        "@dicebear/core": packages.DICEBEAR,
        "@dicebear/open-peeps": packages.OPEN_PEEPS,
        "@resvg/resvg-wasm": packages.RESVG,
    }
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        folder = Path(temporary)
        for name, package in parts.items():
            shutil.copytree(package.fetch() / "package", folder / "node_modules" / name)
        shutil.copy(Path(__file__).with_suffix(".mjs"), folder / "faces.mjs")
        (folder / "faces.json").write_text(json.dumps(options))
        try:
            subprocess.run(
                ["node", "faces.mjs", "faces.json", "faces.raw", str(SIDE)],
                cwd=folder,
                check=True,
                capture_output=True,
                text=True,
            )
        except FileNotFoundError:
            raise packages.PackageError("`node` is needed to draw the faces: install Node.js and try again") from None
        except subprocess.CalledProcessError as error:
            raise packages.PackageError(f"the faces could not be drawn: {error.stderr.strip()[-500:]}") from error
        (folder / "faces.raw").replace(target)
