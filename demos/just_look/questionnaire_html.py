"""HTML of the questions besides the ballots: before and after them, and the comprehension check."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evaluation.qualitative.session.stages import Stage
from evaluation.qualitative.study.questionnaire import TRIES, ChoiceQuestion, Question, ScaleQuestion
from evaluation.qualitative.study.schema import Study


def page(title: str, questions: Sequence[Question]) -> str:
    """A page of questions.

    Args:
        title: its heading.
        questions: in their order.
    """
    optional = "" if all(question.required for question in questions) else _OPTIONAL
    return _form(title, optional, "".join(_question(question) for question in questions))


def comprehension(study: Study, stage: Stage, instructions: str) -> str:
    """The questions about the instructions.

    Args:
        study: the study.
        stage: says how many tries were used, and which answers were wrong.
        instructions: as HTML, to read again.
    """
    introduction = (
        "<p>Some answers were not right. Read the instructions again; this is your last try.</p>"
        if stage.index
        else f"<p>A few questions about the instructions first. You have {TRIES} tries.</p>"
    )
    again = f"<details{' open' if stage.index else ''}><summary>The instructions</summary>{instructions}</details>"
    fields = f'<input type="hidden" name="try" value="{stage.index + 1}">'
    for number, question in enumerate(study.comprehension):
        wrong = number in stage.wrong
        hint = f'<p class="hint-after">Not right. {escape(question.hint)}</p>' if wrong else ""
        fields += _choices(str(number), question.ask, question.options, required=True, after=hint)
    return _form("Is everything clear?", introduction + again, fields)


_OPTIONAL = '<p class="note">You may leave out what is marked as optional.</p>'


def _form(title: str, above: str, fields: str) -> str:
    return f"""<h2 tabindex="-1">{title}</h2>{above}
<form data-form="questions">{fields}
<p data-part="said" role="alert"></p>
<div class="actions"><button class="primary">Go on</button></div></form>"""


def _question(question: Question) -> str:
    ask = question.ask if question.required else f"{question.ask} (optional)"
    if isinstance(question, ChoiceQuestion):
        return _choices(question.id, ask, question.options, required=question.required)
    if isinstance(question, ScaleQuestion):
        numbers = [str(number) for number in range(question.lowest, question.highest + 1)]
        ends = (
            f'<div class="scale-ends" aria-hidden="true"><span>{escape(question.low)}</span>'
            f"<span>{escape(question.high)}</span></div>"
        )
        named = [
            f"{number}{f', {end}' if end else ''}"
            for number, end in zip(numbers, [question.low, *[""] * (len(numbers) - 2), question.high], strict=True)
        ]
        radios = "".join(
            f'<label><input type="radio" name="{question.id}" value="{number}" aria-label="{escape(name)}"'
            f"{' required' if question.required else ''}><span>{number}</span></label>"
            for number, name in zip(numbers, named, strict=True)
        )
        return (
            f'<fieldset class="scale"><legend>{escape(ask)}</legend><div class="steps">{radios}</div>{ends}</fieldset>'
        )
    required = " required" if question.required else ""
    return (
        f'<label class="text">{escape(ask)}<textarea name="{question.id}" rows="3" maxlength="{question.longest}"'
        f"{required}></textarea></label>"
    )


def _choices(name: str, ask: str, options: Sequence[str], *, required: bool, after: str = "") -> str:
    radios = "".join(
        f'<label><input type="radio" name="{name}" value="{escape(option)}"{" required" if required else ""}> '
        f"{escape(option)}</label>"
        for option in options
    )
    return f"<fieldset><legend>{escape(ask)}</legend>{radios}{after}</fieldset>"
