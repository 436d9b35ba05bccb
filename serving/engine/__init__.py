"""The contract between the page and the machine that does the work: what a tab may ask. Imports no torch."""

from __future__ import annotations

from typing import Protocol

from serving.engine.attributes import AttributeReader
from serving.engine.convolutions import ConvolutionViewer
from serving.engine.detecting import MachineDetector
from serving.engine.exploring import Explorer
from serving.engine.judging import SampleJudge
from serving.engine.live_training import LiveTrainer
from serving.engine.nearest import NearestFinder
from serving.engine.painting import Painter
from serving.engine.preprocessing import Preprocessor
from serving.engine.restyling import Restyler
from serving.engine.sampling import Sampler
from serving.engine.translate import StyleTranslator
from serving.engine.variety import VarietySampler
from serving.engine.vision import PictureViewer


class Engine(
    Restyler,
    Painter,
    Sampler,
    Explorer,
    AttributeReader,
    SampleJudge,
    VarietySampler,
    NearestFinder,
    StyleTranslator,
    LiveTrainer,
    Preprocessor,
    PictureViewer,
    ConvolutionViewer,
    MachineDetector,
    Protocol,
):
    """Style transfer and sampling, on any machine.

    Pictures come back as `PIL.Image`. Nothing that a method takes or returns holds a tensor: all of it can be pickled
    and read without torch. Every method may be called from several threads.
    """

    def __hash__(self) -> int: ...

    def sources(self) -> list[str]:
        """A sentence for each network that came from the Hub, or that is the bundled copy because the Hub failed."""

    def close(self) -> None:
        """End what runs beside this process; the engine is not used any more."""
