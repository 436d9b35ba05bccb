"""The tab that asks 'which looks more real?': blinded pairs, votes that count once, and the ranking they make."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr
from PIL import Image

from demos import sheet
from demos.inputs import explained
from evaluation.qualitative import ballot as ballots
from evaluation.qualitative import ranking as rankings
from evaluation.qualitative import real
from evaluation.qualitative.ballot import Ballot, Choice, VoteError
from evaluation.qualitative.session import NotNowError, RatingSessions
from evaluation.qualitative.store import Store, StoreUnavailableError
from evaluation.qualitative.study import GeneratorArm, RealArm, Study
from serving.engine import Engine

GAP = 2
# The visitor's id lives in the browser. gr.BrowserState would keep it, but not from inside a tab that is not open yet.
RECALL = "() => [window.justLook.recall()]"
REMEMBER = "(rater) => window.justLook.remember(rater)"
SHOWN = "(...inputs) => [...inputs.slice(0, -1), window.justLook.shown()]"


def build(engine: Engine, store: Store, study: Study) -> gr.Blocks:
    """Lay out the tab and wire it to the engine that draws and the store that keeps."""
    sessions = RatingSessions(store, study)

    def picture(arm_id: str, seed: int) -> str:
        """A fresh encode in memory: no file, no address, no metadata, and of one length whatever it shows."""
        arm = study.arm(arm_id)
        if isinstance(arm, GeneratorArm):
            drawn = engine.sample(arm.model, step=arm.step, seed=seed, count=study.sheet)
        else:
            assert isinstance(arm, RealArm)
            drawn = real.pick(arm.data, seed=seed, count=study.sheet)
        return _data_url(sheet.lay_out(drawn, gap=GAP))

    def pictures(ballot: Ballot) -> tuple[str, str]:
        return picture(ballot.left, ballot.left_seed), picture(ballot.right, ballot.right_seed)

    def issue(rater: str) -> Ballot:
        with explained(VoteError, StoreUnavailableError):
            stage = sessions.stage(rater)
            if stage.ballot is None:
                raise NotNowError(stage.text)
            return stage.ballot

    def cast(ballot: str, choice: str, rater: str, response_ms: int | None) -> Ballot:
        with explained(VoteError, StoreUnavailableError):
            return store.cast(ballot, rater=rater, choice=choice, response_ms=response_ms).ballot

    def next_ballot(rater: str = "") -> dict[str, Any]:
        """Get two pictures to compare. A ballot that you have not answered yet comes again.

        Args:
            rater: your rater id from an earlier ballot; leave it empty the first time.

        Returns:
            ballot: id to vote with, once. rater: your id. question: what to judge. choices: the allowed answers.
            left, right: the pictures as PNG data URLs, drawn alike.
        """
        ballot = issue(rater or ballots.new_rater())
        left, right = pictures(ballot)
        return {
            "ballot": ballot.id,
            "rater": ballot.rater,
            "question": study.question,
            "choices": list(study.choices),
            "left": left,
            "right": right,
        }

    def cast_vote(ballot: str, choice: str, rater: str, response_ms: int | None = None) -> dict[str, Any]:
        """Answer a ballot. It counts once; what the two pictures were is told afterwards.

        Args:
            ballot: the id from `next_ballot`.
            choice: left, right, tie or skip.
            rater: the rater id that came with the ballot.
            response_ms: milliseconds from both pictures being shown to the answer, if you measured it.

        Returns:
            choice: as recorded. left, right: what the pictures were.
        """
        answered = cast(ballot, choice, rater, response_ms)
        return {"choice": choice, "left": study.arm(answered.left).title, "right": study.arm(answered.right).title}

    def ranking() -> list[dict[str, Any]]:
        """Rank the arms by all votes so far (Bradley-Terry, ties as half a win, skips left out).

        Returns:
            For each arm, best first: arm, title, score (None without votes), wins, losses, ties, votes, and whether
            that is still preliminary.
        """
        with explained(StoreUnavailableError):
            votes = store.results(study.name)
        standings = rankings.rank(votes, arms=[arm.id for arm in study.arms])
        return [
            {
                "arm": standing.arm,
                "title": study.arm(standing.arm).title,
                "score": standing.score and round(standing.score, 1),
                "wins": standing.wins,
                "losses": standing.losses,
                "ties": standing.ties,
                "votes": standing.votes,
                "preliminary": standing.preliminary,
            }
            for standing in standings
        ]

    with gr.Blocks() as tab:
        rater = gr.Textbox(visible="hidden", label="Rater")
        ballot_id = gr.Textbox(visible="hidden", label="Ballot")
        response_ms = gr.Number(visible="hidden", label="Response time")

        gr.HTML(f'<h2 id="question">{escape(study.question)}</h2>')
        pair = gr.HTML(_waiting(), elem_id="ballot")
        with gr.Row(elem_id="answers"):
            left = gr.Button("Left", elem_id="vote-left")
            tie = gr.Button("Tie", elem_id="vote-tie")
            right = gr.Button("Right", elem_id="vote-right")
        with gr.Row(elem_id="skip"):
            gr.HTML(
                '<p class="note keys">Keys: <kbd>1</kbd> left, <kbd>2</kbd> right, <kbd>0</kbd> tie, '
                "<kbd>S</kbd> skip</p>"
            )
            skip = gr.Button("Skip", size="sm", elem_id="vote-skip", min_width=80)
        reveal = gr.HTML(_invitation(), elem_id="reveal")
        gr.HTML('<h2 class="section">Ranking so far</h2>', elem_id="ranking-title")
        table = gr.HTML(elem_id="ranking")

        def show(rater: str) -> tuple[str, str, str, str]:
            """Put a pair on the page for a visitor, new or known."""
            try:
                ballots.check_rater(rater)
            except VoteError:
                rater = ballots.new_rater()
            ballot = issue(rater)
            return rater, ballot.id, _pair(*pictures(ballot)), _ranking(ranking())

        def voter(choice: Choice) -> Callable[[str, str, int | None], tuple[str, str, str, str]]:
            def vote(ballot: str, rater: str, response_ms: int | None) -> tuple[str, str, str, str]:
                answered = cast(ballot, choice, rater, response_ms)
                following = issue(rater)
                told = _reveal(study, answered, choice, pictures(answered))
                return following.id, _pair(*pictures(following)), told, _ranking(ranking())

            return vote

        settings: dict[str, Any] = {"show_progress": "hidden", "concurrency_limit": 8, "concurrency_id": "votes"}
        tab.load(show, rater, [rater, ballot_id, pair, table], js=RECALL, api_visibility="private", **settings).then(
            None, rater, None, js=REMEMBER, api_visibility="private"
        )
        for button, choice in ((left, Choice.LEFT), (right, Choice.RIGHT), (tie, Choice.TIE), (skip, Choice.SKIP)):
            button.click(
                voter(choice),
                [ballot_id, rater, response_ms],
                [ballot_id, pair, reveal, table],
                js=SHOWN,
                api_visibility="private",
                **settings,
            ).failure(show, rater, [rater, ballot_id, pair, table], api_visibility="private", **settings)
        for action in (next_ballot, cast_vote, ranking):
            gr.api(action, api_name=action.__name__, concurrency_limit=8, concurrency_id="votes")
    return tab


def _data_url(picture: Image.Image) -> str:
    encoded = io.BytesIO()
    picture.save(encoded, "PNG", compress_level=0)  # compressed, the length would tell noise from digits
    return "data:image/png;base64," + base64.b64encode(encoded.getvalue()).decode()


def _pair(left: str, right: str) -> str:
    sides = (("Left", left), ("Right", right))
    figures = "".join(
        f'<figure><img src="{url}" alt="{side} picture: a sheet of samples to judge by eye"></figure>'
        for side, url in sides
    )
    return f'<div class="pair">{figures}</div>'


def _waiting() -> str:
    empty = '<figure><div class="empty"></div></figure>'
    return f'<div class="pair waiting" data-watched="yes" aria-busy="true">{empty * 2}</div>'


def _invitation() -> str:
    return '<p class="note">Vote, and you are told what the two pictures were.</p>'


def _reveal(study: Study, answered: Ballot, choice: Choice, urls: tuple[str, str]) -> str:
    words = {
        Choice.LEFT: "You chose the left one.",
        Choice.RIGHT: "You chose the right one.",
        Choice.TIE: "You called it a tie.",
        Choice.SKIP: "You skipped this pair.",
    }
    sides = (
        (Choice.LEFT, "Left", answered.left, urls[0]),
        (Choice.RIGHT, "Right", answered.right, urls[1]),
    )
    told = "".join(
        f'<div><img class="{"chosen" if choice == side else ""}" src="{url}" alt="">'
        f"<p>{name}: {escape(study.arm(arm).title)}</p></div>"
        for side, name, arm, url in sides
    )
    return f'<div class="revealed" role="status"><p>{words[choice]}</p>{told}</div>'


def _ranking(rows: list[dict[str, Any]]) -> str:
    """The table under the votes; arms that have none yet are left for later."""
    ranked = [row for row in rows if row["votes"]]
    if not ranked:
        return '<p class="note">Nobody has voted yet: the first vote starts the ranking.</p>'
    lowest, highest = ranked[-1]["score"] - 100, ranked[0]["score"]
    body = "".join(
        f'<tr><td class="number">{place}</td><td>{escape(row["title"])}</td>'
        f'<td class="bar"><span style="width:{100 * (row["score"] - lowest) / (highest - lowest):.0f}%"></span></td>'
        f'<td class="number">{row["score"]:.0f}</td><td class="number">{row["votes"]}</td></tr>'
        for place, row in enumerate(ranked, start=1)
    )
    votes = sum(row["votes"] for row in rows) // 2
    early = f" Preliminary: each arm should have {rankings.PRELIMINARY_BELOW} votes before its place means much."
    return (
        '<table class="ranking"><thead><tr><th class="number">#</th><th>What it was</th><th class="bar"></th>'
        f'<th class="number">Score</th><th class="number">Votes</th></tr></thead><tbody>{body}</tbody></table>'
        f'<p class="note">{votes:,} {"vote" if votes == 1 else "votes"}, skips not counted. Bradley–Terry: 1000 is '
        f"average, 400 points are ten times the odds.{early if any(row['preliminary'] for row in rows) else ''}</p>"
    )


if __name__ == "__main__":
    from demos import theme
    from evaluation.qualitative import study
    from serving.local import LocalEngine

    build(LocalEngine(), Store.open(), study.read("digits-by-training-step")).launch(**theme.launch_settings())
