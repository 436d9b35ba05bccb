"""The section "Link and Python" of a tab: two fields that bring the picture on the page back."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from demos.parts import events, python_text

AS_LINK = "(query) => `${location.origin}${location.pathname}?${query}`"
WITH_ADDRESS = f"(draft) => draft.replaceAll('{python_text.ORIGIN}', new URL('.', location.href).href)"


@dataclass(frozen=True)
class BroughtBack:
    """The hidden components that an event sets: the browser knows the app's address, and puts it into what is shown.

    They are others than the visible fields, so that nobody copies a text between its two versions.
    """

    opened: gr.Accordion
    query: gr.Textbox
    draft: gr.Textbox

    def begin_with(self, query: str, draft: str) -> None:
        """Set what they say at the first sight of the page."""
        self.query.value, self.draft.value = query, draft


def build(note: str, *, section: str, link: str, query: str, script: str) -> BroughtBack:
    """Lay out the section; the last four arguments are the ids of its elements (`query` is for page/share.js)."""
    with gr.Accordion("Link and Python", open=False, elem_id=section) as opened:
        gr.Markdown(note, elem_classes="note")
        address = gr.Textbox(label="Link", interactive=False, max_lines=1, buttons=["copy"], elem_id=link)
        code = gr.Textbox(
            label="Copy as Python", interactive=False, lines=9, max_lines=18, buttons=["copy"], elem_id=script
        )
    asked = gr.Textbox(label="Query of the link", visible="hidden", elem_id=query)
    draft = gr.Textbox(label="Script without the address", visible="hidden")
    gr.on([asked.change, opened.expand], None, asked, address, js=AS_LINK, **events.QUIET)
    gr.on([draft.change, opened.expand], None, draft, code, js=WITH_ADDRESS, **events.QUIET)
    return BroughtBack(opened, asked, draft)
