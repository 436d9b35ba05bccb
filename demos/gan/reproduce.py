"""The folded part below a picture that brings it back: a link, a script for the API, and one for this code's modules.

`page/player.js` puts the app's address into the texts, and the step that is on the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from demos.gan.selection import FIRST_SIDE, SIDES, Selected
from demos.parts.python_text import ORIGIN
from serving.engine.translate import TranslatorInfo

STEP = "{step}"  # the page's script puts the training step in, where the picture is one of several
CLIENT_NOTE = "Over the API: needs `pip install gradio_client` and nothing else."
TORCH_NOTE = "Without the app: in a checkout of its code. The page’s own file also holds the invisible mark."


def html(query: str, client: str, torch: str, *, note: str = "") -> str:
    """The folded part, as HTML.

    Args:
        query: of the link, without the question mark.
        client: the script for the API.
        torch: the script for the modules.
        note: what the link leaves out.
    """
    left_out = f'<p class="note">{escape(note)}</p>' if note else ""
    scripts = "".join(
        f'<p class="note">{escape(note)}</p><pre tabindex="0" role="group" aria-label="{name}" '
        f'data-text="{escape(text)}"></pre><button type="button" data-copy="pre">Copy: {name}</button>'
        for note, name, text in ((CLIENT_NOTE, "Python, the API", client), (TORCH_NOTE, "Python, torch", torch))
    )
    return (
        '<details class="again"><summary>Link and Python</summary>'
        f'<label>Link <input type="text" readonly data-text="{escape(f"{ORIGIN}?{query}")}"></label>'
        f'<button type="button" data-copy="input">Copy: the link</button>{left_out}{scripts}'
        '<p class="note" role="status"></p></details>'
    )


def query(section: str, **values: object) -> str:
    """The query of a link that opens a section of the tab; `page/linked_section.js` opens it."""
    return urlencode({"tab": "gan", **values, "section": section})


def of_sample(section: str, selected: Selected, **values: object) -> str:
    """The query of a link that opens a section with a sample and with values of the section's own controls."""
    model, step, seed, _ = selected
    return query(section, model=model, step=step, seed=seed, held=selected.number, **grid(selected), **values)


def grid(selected: Selected) -> dict[str, int]:
    """The side of the smallest sheet that has the sample, where the usual one has not."""
    side = next(side for side in SIDES if side >= FIRST_SIDE and side**2 >= selected.number)
    return {} if side == FIRST_SIDE else {"side": side}


def at_step(query: str) -> str:
    """The same query with the step that is on the page."""
    return f"{query}&at={STEP}"


def timeline_script(models: Sequence[str], seed: int) -> str:
    """A script that asks the API for the sheets of some generators at one step."""
    return f'''from gradio_client import Client

client = Client("{ORIGIN}", verbose=False)
for model in {list(models)!r}:
    pictures, history = client.predict(seed={seed}, model=model, api_name="/timeline")
    steps = [snapshot["step"] for snapshot in history["snapshots"]]
    print(pictures[steps.index({STEP})]["image"])
'''


def sheet_script(models: Sequence[str], seed: int, *, count: int, side: int, gap: int, held: int | None = None) -> str:
    """A script that draws the same sheets with the modules of this code.

    Args:
        models: names of the generators.
        seed: of the samples.
        count: how many.
        side: of a sample on the sheet, in pixels.
        gap: around each.
        held: index of the sample to frame.
    """
    return _sheets(f"model in {list(models)!r}", STEP, seed, count, side, gap, held)


def pair_script(steps: Mapping[str, int], seed: int, *, count: int, side: int, gap: int) -> str:
    """A script that draws a sheet by each of some generators at its own step; see `sheet_script`."""
    return _sheets(f"model, step in {dict(steps)!r}.items()", "step", seed, count, side, gap, None)


def _sheets(each: str, step: str, seed: int, count: int, side: int, gap: int, held: int | None) -> str:
    framed = "" if held is None else f", held={held}"
    written = step if step == STEP else f"{{{step}}}"
    return f"""import torch

from media import sheet
from models import tensors
from models.gan.latent import sample_z
from models.hub import loading

for {each}:
    generator = loading.load(model, step={step})
    with torch.inference_mode():
        pictures = tensors.as_pictures(generator(sample_z({seed}, {count}, generator.z_dim)))
    scale = sheet.scale_to(pictures[0], {side})
    sheet.lay_out(pictures, scale=scale, gap={gap}{framed}).save(f"{{model}}-seed-{seed}-step-{written}.png")
"""


def point_script(model: str, step: int, z: Sequence[float], *, side: int) -> str:
    """A script that draws one latent vector with the modules of this code."""
    return f"""import torch

from media import sheet
from models import tensors
from models.hub import loading

z = torch.tensor([{numbers(z)}])
generator = loading.load({model!r}, step={step})
with torch.inference_mode():
    (picture,) = tensors.as_pictures(generator(z))
sheet.lay_out([picture], scale=sheet.scale_to(picture, {side})).save("point.png")
"""


def z_script(model: str, step: int, z: str, *, side: int, gap: int, file: str) -> str:
    """A script that draws a sheet of changed latent vectors with the modules of this code.

    Args:
        model: name of the generator.
        step: of the snapshot.
        z: the expression of the vectors, by the modules `latent` and `labelled`.
        side: of a sample on the sheet, in pixels.
        gap: around each.
        file: what to call the sheet.
    """
    modules = ", ".join(name for name in ("labelled", "latent") if f"{name}." in z)
    return f"""import torch

from media import sheet
from models import tensors
from models.gan import {modules}
from models.hub import loading

generator = loading.load({model!r}, step={step})
z = {z}
with torch.inference_mode():
    pictures = tensors.as_pictures(generator(z))
sheet.lay_out(pictures, scale=sheet.scale_to(pictures[0], {side}), gap={gap}).save("{file}.png")
"""


def numbers(z: Sequence[float]) -> str:
    """The expression of a latent vector as a list of its numbers, four in a line."""
    lines = ",\n    ".join(", ".join(f"{value!r}" for value in z[i : i + 4]) for i in range(0, len(z), 4))
    return f"[\n    {lines}\n]"


def of_seed(seed: int, count: int) -> str:
    """The expression of a seed's latent vectors, for `z_script`."""
    return f"latent.sample_z({seed}, {count}, generator.z_dim)"


def attention_script(selected: Selected, place: tuple[float, float]) -> str:
    """A script that draws where a generator looks from a place, with the modules of this code.

    Args:
        selected: the sample.
        place: from the left and from the top, 0 to 1 of the side.
    """
    model, step, seed, position = selected
    return f"""import torch

from demos.gan.attention import SIDE, marked
from media import sheet
from models import tensors
from models.gan import latent
from models.hub import loading
from serving.local.sampling import faded

place = {place}  # from the left and from the top
generator = loading.load({model!r}, step={step})
z = latent.sample_z({seed}, {position + 1}, generator.z_dim)[{position}:]
with torch.inference_mode():
    (picture,) = tensors.as_pictures(generator(z))
    (maps,) = generator.attended(z)  # (M, M, m, m): for each place, shares of the cells that it looks at
column, row = (min(len(maps) - 1, int(share * len(maps))) for share in place)
picture = faded(picture, maps[row, column])
marked(sheet.lay_out([picture], scale=sheet.scale_to(picture, SIDE)), place).save("{model}-attention.png")
"""


def translation_script(picture: str, there: TranslatorInfo, back: TranslatorInfo, step: int, *, side: int) -> str:
    """A script that redraws a picture there and back with the modules of this code.

    Args:
        picture: the expression of the picture, by the modules `flags` and `Image`.
        there: the translator.
        back: the one that leads back.
        step: of the snapshot of both.
        side: of a result, in pixels.
    """
    bundled = "flags." in picture
    opened = "" if bundled else "from PIL import Image\n"
    assets = "from assets import flags\n" if bundled else ""
    return f"""import torch
{opened}
{assets}from media import sheet
from models import tensors
from models.hub import loading
from serving.local.translate import fitted

picture = fitted({picture}, {there.size})
for name, model in (("there", {there.name!r}), ("back", {back.name!r})):
    translator = loading.load(model, step={step})
    with torch.inference_mode():
        (picture,) = tensors.as_pictures(translator(tensors.from_picture(picture)[None]))
    sheet.lay_out([picture], scale=sheet.scale_to(picture, {side})).save(f"{{name}}.png")
"""


def walk_script(selected: Selected, end: int, *, count: int, side: int) -> str:
    """A script that draws both ways from a sample to another of its seed with the modules of this code.

    Args:
        selected: the sample where both begin.
        end: position on the seed's sheet of the one where they end, from 0.
        count: pictures of each, both ends included.
        side: of a picture, in pixels.
    """
    model, step, seed, start = selected
    return f"""import torch

from media import sheet
from models import tensors
from models.gan import latent
from models.hub import loading

generator = loading.load({model!r}, step={step})
drawn = latent.sample_z({seed}, {max(start, end) + 1}, generator.z_dim)
for way in (latent.slerp, latent.lerp):
    z = torch.stack([way(drawn[{start}], drawn[{end}], i / {count - 1}) for i in range({count})])
    with torch.inference_mode():
        pictures = tensors.as_pictures(generator(z))
    for i, picture in enumerate(pictures):
        sheet.lay_out([picture], scale=sheet.scale_to(picture, {side})).save(f"{{way.__name__}}-{{i}}.png")
"""


def film_script(model: str, step: int, position: int, seeds: Sequence[int], kind: str) -> str:
    """A script that makes the film through the same sample of some seeds with the modules of this code.

    Args:
        model: name of the generator.
        step: of the snapshot.
        position: of the sample on each seed's sheet, from 0.
        seeds: in the order of the film, which ends where it starts.
        kind: mp4 or gif.
    """
    return f"""from itertools import pairwise
from pathlib import Path

import torch

from demos.gan.explorer import film
from models import tensors
from models.gan import latent
from models.hub import loading
from serving.engine.sampling import Waypoint

seeds, frames = {list(seeds)}, film.SECONDS * film.RATES[{kind!r}]
generator = loading.load({model!r}, step={step})
stops = [latent.sample_z(seed, {position + 1}, generator.z_dim)[{position}] for seed in seeds]


def waypoints():
    for start, end in pairwise([*stops, stops[0]]):
        z = torch.stack([latent.slerp(start, end, i / frames) for i in range(frames)])
        with torch.inference_mode():
            pictures = tensors.as_pictures(generator(z))
        yield from map(Waypoint, pictures, z.norm(dim=1).tolist())


film.write(waypoints(), Path("walk.{kind}"), {kind!r}, {{"model": {model!r}, "step": {step}, "seeds": seeds}})
"""


def projection_script(model: str, step: int) -> str:
    """A script that searches for the point nearest to a visitor's picture with the modules of this code."""
    return f"""import torch
from PIL import Image

from media import fitting
from models import tensors
from models.gan import inversion, latent
from models.hub import loading
from serving.local.exploring import MEASURED, SEARCH_STEPS

picture = Image.open("picture.jpg").convert("RGB")  # your own picture: put the name of its file here
generator = loading.load({model!r}, step={step})
with torch.no_grad():
    samples = tensors.as_pictures(generator(latent.sample_z(0, MEASURED, generator.z_dim)))
if samples[0].mode == "L":  # digits: as large, and in the same place, as the samples
    target = fitting.centred(picture, generator.size, share=fitting.share_filled(samples))
else:
    target = fitting.square(picture, generator.size)
search = inversion.invert(generator, tensors.from_picture(target), z_dim=generator.z_dim, steps=SEARCH_STEPS)
*_, nearest = search
tensors.as_pictures(nearest.picture[None])[0].save("nearest.png")
"""
