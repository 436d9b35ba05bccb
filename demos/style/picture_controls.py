"""The controls that choose the photo and the paintings, for all sections of the style tab."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gradio as gr

from assets import samples
from assets.samples import Sample
from demos.parts import events, uploads
from demos.parts.inputs import picture_input, slider_input

SOURCES = ["upload", "clipboard", "webcam"]
MORE = 3  # paintings beside the first
LARGEST = 4096  # pixels a side that a photo keeps: a visitor may ask for the result in the photo's own size


class PictureControls:
    """The photo and one to four paintings with their weights; a sample picture keeps its name, for links."""

    def __init__(self) -> None:
        photos, paintings = samples.photos(), samples.paintings()
        self.photo = picture_input(
            max_side=LARGEST,
            label="Photo",
            value=photos[0].path,
            sources=SOURCES,
            height=190,
            alt_text="The photograph to restyle",
            elem_id="photo",
        )
        self.photo_name = gr.State(photos[0].name)
        photo_thumbs = thumbnails(photos, label="Sample photos", elem_id="photos")
        self.painting = picture_input(
            label="Painting",
            value=paintings[0].path,
            sources=SOURCES,
            height=190,
            alt_text="The painting whose style is taken",
            elem_id="painting",
        )
        self.painting_name = gr.State(paintings[0].name)
        painting_thumbs = thumbnails(paintings, label="Sample paintings", elem_id="paintings")
        with gr.Accordion("Mix in more paintings", open=False, elem_id="more-paintings"):
            gr.Markdown(
                "Weights count in proportion: 1 and 1 make half and half; 0 leaves a painting out.", elem_classes="note"
            )
            thumbs = thumbnails(paintings, label="Paintings to mix in", elem_id="mix-in")
            self.weights = [_weight("Weight of the first painting", elem_id="weight")]
            self.more, self.more_names = [], []
            for number in range(2, MORE + 2):
                with gr.Row():
                    self.more.append(
                        picture_input(
                            label=f"Painting {number}",
                            sources=SOURCES,
                            height=130,
                            min_width=130,
                            alt_text=f"Painting {number}, mixed in",
                            elem_id=f"painting-{number}",
                        )
                    )
                    self.weights.append(_weight(f"Weight {number}", elem_id=f"weight-{number}"))
                self.more_names.append(gr.State(""))

        def mix_in(event: gr.SelectData, taken: dict[gr.Image, object]) -> list[object]:
            """Put a painting into the first free place, or into the last if all are taken."""
            free = next((i for i, picture in enumerate(self.more) if taken[picture] is None), MORE - 1)
            sample = paintings[event.index]
            return [value if i == free else gr.skip() for value in (sample.path, sample.name) for i in range(MORE)]

        # A picture's own `change` also fires while an upload replaces it, and again for the same file. The text of its
        # address changes once for each new file, so what follows a picture listens to that.
        self.files = {
            name: gr.Textbox(label=f"File of {name}", visible="hidden", elem_id=f"file-{name}") for name in self.fields
        }
        photo_thumbs.select(_chosen(photos), None, [self.photo, self.photo_name], **events.QUIET)
        painting_thumbs.select(_chosen(paintings), None, [self.painting, self.painting_name], **events.QUIET)
        thumbs.select(mix_in, set(self.more), [*self.more, *self.more_names], **events.QUIET)
        for picture, name in self.named:
            picture.input(lambda: "", None, name, **events.QUIET)  # a visitor's own picture has no name here
        for key, file in self.files.items():
            needed = key in (
                "content",
                "style",
            )  # of the others, one taken out of the mixture counts
            js = uploads.KEPT_ADDRESS if needed else uploads.ADDRESS
            uploads.show_copy(self.fields[key])
            self.fields[key].change(None, [self.fields[key], file], file, js=js, **events.QUIET)

    @property
    def named(self) -> list[tuple[gr.Image, gr.State]]:
        """Every picture with its name, which is empty unless it is a sample."""
        return [
            (self.photo, self.photo_name),
            (self.painting, self.painting_name),
            *zip(self.more, self.more_names, strict=True),
        ]

    @property
    def fields(self) -> dict[str, gr.Image]:
        """Each picture by its name."""
        more = {f"style_{number}": picture for number, picture in enumerate(self.more, 2)}
        return {"content": self.photo, "style": self.painting, **more}

    @property
    def weights_by_name(self) -> dict[str, gr.components.Component]:
        """Each weight by its name."""
        return {f"weight_{i}" if i > 1 else "weight": weight for i, weight in enumerate(self.weights, 1)}


def thumbnails(pictures: Sequence[Sample], *, label: str, elem_id: str) -> gr.Gallery:
    """Small pictures to choose from."""
    return gr.Gallery(
        [(picture.thumbnail, picture.title) for picture in pictures],
        label=label,
        show_label=False,
        columns=len(pictures) if len(pictures) < 7 else -(-len(pictures) // 2),
        height="auto",
        object_fit="cover",
        allow_preview=False,
        interactive=False,
        buttons=[],
        elem_classes="thumbs",
        elem_id=elem_id,
    )


def _weight(label: str, *, elem_id: str) -> gr.Slider:
    return slider_input(0, 1, value=1, step=0.05, label=label, min_width=150, buttons=[], elem_id=elem_id)


def _chosen(pictures: Sequence[Sample]) -> Callable[[gr.SelectData], tuple[str, str]]:
    def choose(event: gr.SelectData) -> tuple[str, str]:
        return pictures[event.index].path, pictures[event.index].name

    return choose
