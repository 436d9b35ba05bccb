"""A picture for the browser is written once, whole, and under the name that Gradio gives it."""

from pathlib import Path

import gradio as gr
from PIL import Image

from demos.parts.files import place_for, saved
from media import provenance

INK = Image.new("L", (8, 8), 0)


def test_the_same_picture_is_not_written_again():
    first = Path(saved(INK, name="ink"))
    before = first.stat()

    again = Path(saved(INK, name="ink"))

    assert again == first
    assert again.stat().st_ino == before.st_ino


def test_nothing_but_whole_files_lies_in_the_folder():
    path = Path(saved(Image.new("L", (8, 8), 9), name="grey"))

    assert [file.name for file in path.parent.iterdir()] == ["grey.png"]
    assert Image.open(path).getpixel((0, 0)) == 9


def test_gradio_serves_the_file_from_where_it_is():
    path = saved(INK, name="ink")

    assert gr.Image().move_resource_to_block_cache(path) == path


def test_a_machine_made_picture_says_so():
    path = saved(Image.new("RGB", (8, 8), "teal"), name="painted", settings={"strength": 0.5})
    assert provenance.source_type(path) == provenance.COMPOSITE
    assert provenance.settings(path) == {"strength": 0.5}
    assert provenance.source_type(saved(INK, name="ink")) is None


def making(part: bytes):
    with place_for("film.mp4") as target:
        target.write_bytes(part)
        yield target
        yield target


def test_a_file_that_is_broken_off_leaves_nothing():
    work = making(b"half")
    target = next(work)
    assert target.exists()
    work.close()
    assert not target.parent.exists()


def test_a_file_that_is_finished_stays():
    *_, target = making(b"whole")
    assert target.read_bytes() == b"whole"
