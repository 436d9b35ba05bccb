"""A pipeline as a Python script: torchvision.transforms.v2 gives the same pixels as media/preprocessing.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from media import preprocessing
from media.preprocessing import Preparation

# As media.images.read: what a phone's photo needs, and no more.
READ = '''def read(file, side):
    """Read a photo: upright, in sRGB, on white; the longer side has `side` pixels at most."""
    picture = Image.open(file)
    picture.draft("RGB", (side, side))  # a JPEG is decoded at a smaller size
    profile = picture.info.get("icc_profile")
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("1", "P", "PA", "LA"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    if profile and picture.mode != "L":
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        picture = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode=mode)
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return picture.convert("RGB")


'''
CUT_OUT = '''network = loading.load("u2netp")


def remove_background(picture):
    """Paint white what U²-Netp does not take for the subject; without a subject, the picture stays as it is."""
    small = tensors.to_tensor(images.fit(picture, saliency.SIDE))
    with torch.inference_mode():
        mask = saliency.subject_mask(network, small)
    mask = Image.fromarray((255 * mask[0, 0]).round().to(torch.uint8).numpy())
    mask = mask.resize(picture.size, Image.Resampling.BICUBIC)
    if mask.getextrema()[1] < 128:
        return picture
    return Image.composite(picture, Image.new("RGB", picture.size, "white"), mask)


'''


def script(
    steps: Sequence[Preparation], sizes: Sequence[tuple[int, int]], *, side: int, address: str | None = None
) -> str:
    """Write the script.

    Args:
        steps: of the pipeline.
        sizes: width and height of the picture before the first step and after each.
        side: longer side, in pixels, to which the photo was scaled down first.
        address: URL of a sample photo; None for the visitor's own file.
    """
    cuts_out = any(step.cut_out for step in steps)
    lines = ["from urllib.request import urlretrieve", ""] if address else ["import io", ""]
    lines += ["import torch"] if cuts_out else []
    lines += [f"from PIL import Image{'' if address else ', ImageCms, ImageOps'}"]
    lines += [
        "from torchvision.transforms import InterpolationMode",
        "from torchvision.transforms.v2 import functional",
    ]
    if cuts_out:
        lines += ["", "from media import images  # a checkout of this app’s code: its network finds the subject"]
        lines += ["from models import tensors", "from models.hub import loading", "from models.vision import saliency"]
    text = "\n".join(lines) + "\n\n"
    text += ("" if address else f"\n{READ}") + (("\n" if address else "") + CUT_OUT if cuts_out else "")
    if address:
        calls = [f'file, _ = urlretrieve("{address}")', "picture = Image.open(file)"]
        calls += [f'picture.draft("RGB", ({side}, {side}))  # a JPEG is decoded at a smaller size']
        calls += ['picture = picture.convert("RGB")']
    else:
        calls = [f'picture = read("photo.jpg", {side})  # your own photo: put the name of its file here']
    calls += [_resize(sizes[0])]
    for step, (before, after) in zip(steps, pairwise(sizes), strict=True):
        calls += _calls(step, before, after)
    return text + "\n".join([*calls, 'picture.save("preprocessed.png")']) + "\n"


def _calls(step: Preparation, before: tuple[int, int], after: tuple[int, int]) -> Iterator[str]:
    """The lines of a step; they come in the order of `media.preprocessing.prepare`."""
    left, top, right, bottom = preprocessing.crop_box(before, step.crop)
    if (left, top, right, bottom) != (0, 0, *before):
        yield f"picture = functional.crop(picture, top={top}, left={left}, height={bottom - top}, width={right - left})"
    if step.rotate:
        yield (
            f"picture = functional.rotate(picture, {step.rotate!r}, InterpolationMode.BICUBIC, expand=True, "
            "fill=[255, 255, 255])"
        )
    if step.scale != 1:
        yield _resize(after)
    if step.cut_out:
        yield "picture = remove_background(picture)"
    if step.greyscale:
        yield "picture = functional.rgb_to_grayscale(picture, num_output_channels=3)"
    if step.gamma != 1:
        yield f"picture = functional.adjust_gamma(picture, 1 / {step.gamma!r})"
    if step.brightness != 1:
        yield f"picture = functional.adjust_brightness(picture, {step.brightness!r})"
    if step.contrast != 1:
        yield f"picture = functional.adjust_contrast(picture, {step.contrast!r})"


def _resize(size: tuple[int, int]) -> str:
    width, height = size
    return f"picture = functional.resize(picture, [{height}, {width}], InterpolationMode.LANCZOS)"
