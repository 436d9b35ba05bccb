"""A picture for the browser is written once, whole, and under the name that Gradio gives it."""

from pathlib import Path

import gradio as gr
from PIL import Image

from demos.files import saved

INK = Image.new("L", (8, 8), 0)


def test_the_same_picture_is_not_written_again():
    first = Path(saved(INK, name="ink"))
    before = first.stat()

    again = Path(saved(INK, name="ink"))

    assert again == first
    assert (again.stat().st_ino, again.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_nothing_but_whole_files_lies_in_the_folder():
    path = Path(saved(Image.new("L", (8, 8), 9), name="grey"))

    assert [file.name for file in path.parent.iterdir()] == ["grey.png"]
    assert Image.open(path).getpixel((0, 0)) == 9


def test_gradio_serves_the_file_from_where_it_is():
    path = saved(INK, name="ink")

    assert gr.Image().move_resource_to_block_cache(path) == path
