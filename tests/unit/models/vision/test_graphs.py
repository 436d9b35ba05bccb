"""Detector and segmenter agree with LiteRT's own kernels on the sample photos."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

from assets import sight
from media import images
from models.errors import WeightsError
from models.graph import Graph, check
from models.hub import loading
from models.vision import detection, segmentation


@pytest.fixture(scope="module")
def photos() -> dict[str, Image.Image]:
    return {sample.name: images.read(sample.path) for sample in sight.photos()}


def reference(name: str) -> Interpreter:
    """The graph by LiteRT's reference kernels, without the delegate that makes it quick."""
    resolver = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(str(loading.locate(name).path), experimental_op_resolver_type=resolver)
    interpreter.allocate_tensors()
    return interpreter


def outputs(interpreter: Interpreter, levels: np.ndarray) -> list[np.ndarray]:
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], levels)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]


def test_the_detector_agrees_with_the_reference_on_the_sample_photos(photos: dict[str, Image.Image]):
    graph, plain = loading.load_graph("efficientdet-lite0", threads=2), reference("efficientdet-lite0")

    for name, photo in photos.items():
        small = np.asarray(photo.resize((320, 320), Image.Resampling.BILINEAR))[None]
        boxes, kinds, probabilities, _ = outputs(plain, small)
        sure = probabilities[0] >= 0.4
        things = detection.detect(graph, photo, least=0.05)
        for sides, kind, probability in zip(boxes[0][sure], kinds[0][sure], probabilities[0][sure], strict=True):
            top, left, bottom, right = sides.clip(0, 1)
            near = [
                thing
                for thing in things
                if thing.kind == kind
                and abs(thing.probability - probability) < 0.06
                and np.abs(np.array(thing[2:]) - (left, top, right, bottom)).max() < 0.03
            ]
            assert near, f"{name}: the reference has {kind} at {probability:.2f}"


def test_the_segmenter_agrees_with_the_reference_on_the_sample_photos(photos: dict[str, Image.Image]):
    graph, plain = loading.load_graph("deeplab-v3", threads=2), reference("deeplab-v3")

    for name, photo in photos.items():
        small = np.asarray(photo.resize((257, 257), Image.Resampling.BILINEAR), dtype=np.float32)[None]
        expected = outputs(plain, (small - 127.5) / 127.5)[0][0].argmax(-1)
        same = (segmentation.segment(graph, photo) == expected).mean()
        assert same > 0.99, f"{name}: {same:.1%} of the pixels agree"


def test_the_labels_are_those_of_the_graph():
    names = detection.labels(loading.locate("efficientdet-lite0").path)

    assert (names[0], names[16], names[17]) == ("person", "cat", "dog")


def test_what_is_no_graph_is_refused(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(b"\x80\x04 no graph")

    with pytest.raises(WeightsError, match="is no TFLite file"):
        check(path)


def test_a_cut_off_graph_is_refused(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(loading.locate("deeplab-v3").path.read_bytes()[:4096])

    with pytest.raises(WeightsError, match="can't be run"):
        Graph(path, threads=1)


def test_a_graph_and_a_module_are_told_apart():
    with pytest.raises(WeightsError, match="use load_graph"):
        loading.load("deeplab-v3")
    with pytest.raises(WeightsError, match="use load"):
        loading.load_graph("vgg19", threads=1)
