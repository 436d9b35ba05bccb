"""Every bundled generator has a thumbnail, drawn by the weights that are bundled now, and all of them are small."""

import hashlib
from pathlib import Path

from assets import flags, thumbnails
from models.hub import loading
from models.hub.registry import GENERATORS

MAX_BYTES = 300_000
FLAGS_MAX_BYTES = 60_000


def test_every_generator_has_the_thumbnail_of_its_weights():
    drawn = {name: stored.weights for name, stored in thumbnails.thumbnails().items()}
    entries = loading.entries()
    weights = {name: entry.file().sha256 for name, entry in entries.items() if entry.architecture in GENERATORS}
    assert drawn == weights, "run `python -m training.import_thumbnails`"


def test_each_thumbnail_is_the_recorded_file_and_the_folder_holds_nothing_else():
    for stored in thumbnails.thumbnails().values():
        assert hashlib.sha256(Path(stored.path).read_bytes()).hexdigest() == stored.sha256
    files = {Path(stored.path) for stored in thumbnails.thumbnails().values()}
    assert set(thumbnails.FOLDER.iterdir()) == files
    assert sum(file.stat().st_size for file in files) <= MAX_BYTES


def test_each_flag_is_there_in_both_styles():
    flat, waving = flags.flags("twemoji"), flags.flags("noto")
    assert len(flat) == len(waving) == len(flags.names()) == 24
    assert {flag.size for flag in (*flat, *waving)} == {(32, 32)}
    assert all(flag.tobytes() != other.tobytes() for flag, other in zip(flat, waving, strict=True))
    assert sum(file.stat().st_size for file in flags.FOLDER.iterdir()) <= FLAGS_MAX_BYTES
