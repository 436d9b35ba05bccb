"""Write a finished run of the light style network into weights/."""

from __future__ import annotations

from pathlib import Path

import torch
from torchvision.utils import save_image

from models.hub import manifest
from models.style import light
from models.style.light import LightStyle
from training import weights_folder
from training.import_pretrained import PAINTING, PHOTO, SAMPLE_SIDE, square
from training.light.settings import Settings
from training.runs.running import thinned

CARD = """
Paints any photograph in the manner of any painting in one pass, made for CPUs: AdaIN with a fraction of its channels
and layers: 0.8 million parameters instead of 7.0, and a twelfth of the arithmetic. The result gets the
colours of the painting and part of the detail of the photograph (`light.finished`), which so few channels would lose.

![Left to right: the photograph, the painting, the result](samples.jpg)

## Use

```python
from models.style import light

network = light.LightStyle.from_pretrained("weights/light-style")
style = light.look(network, painting)
result = light.restyle(network, photo, style, strength=0.8)  # all (1, 3, H, W) in [0, 1]
```

## Training

`python -m training.light` repeats it. VGG-19 up to relu4_1 and AdaIN's decoder (both in this app as well) were thinned:
each layer keeps the channels from which the others can be computed best, and its kernels were fitted (least squares) to
compute them from the layer before. Then encoder and decoder were trained together to paint what AdaIN paints, compared
by the first three blocks of VGG-19, for {steps:,} steps of {batch} pictures. The {pairs} pairs of squares were cut
from {pictures} pictures of the packages that `training/light/pictures.py` names, without the app's own.
`log.jsonl` holds the losses along the way. `python -m training.light.evaluate` measures it on twenty pairs that it has
never seen, beside AdaIN.

## Limits

It has seen a few hundred paintings. Fine detail such as faces in a group dissolves, as it does with AdaIN. Kernels are
stored in half precision, biases in full.
"""


def write(settings: Settings, folder: Path, *, pictures: int, weights: Path = manifest.FOLDER) -> Path:
    """Write the model from the state dict and the log of a training run.

    Args:
        settings: of the run.
        folder: holds `step-NNNNNN.pt` of the last step and `log.jsonl`.
        pictures: number of pictures that the pairs were cut from.
        weights: the weights folder.

    Returns:
        The model's folder.

    Raises:
        FileNotFoundError: the run is not finished.
    """
    state = torch.load(folder / f"step-{settings.steps:06d}.pt", map_location="cpu", weights_only=True)
    about = weights_folder.About(
        title="Light style network",
        origin="trained here, from VGG-19 and AdaIN's decoder",
        licence="apache-2.0",
        command="python -m training.light",
        text=CARD.format(
            steps=settings.steps,
            batch=settings.batch,
            pairs=settings.pairs,
            pictures=pictures,
        ),
    )
    model = weights_folder.write(settings.name, LightStyle(), {None: state}, about, folder=weights)
    (model / "log.jsonl").write_text(
        "".join(f"{line}\n" for line in thinned((folder / "log.jsonl").read_text().splitlines()))
    )
    network = LightStyle.from_pretrained(model)
    photo, painting = square(PHOTO, SAMPLE_SIDE), square(PAINTING, SAMPLE_SIDE)
    result = light.restyle(network, photo, light.look(network, painting))
    save_image(torch.cat([photo, painting, result]), model / "samples.jpg", nrow=3, padding=0)
    return model
