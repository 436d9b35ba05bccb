"""Commands for studies: check a file, draw its pictures, plan its size, preregister, import votes, release results.

python -m studies check FILE [--preview DIR]
python -m studies build FILE
python -m studies plan FILE [--difference POINTS] [--pilot VOTES]
python -m studies preregister FILE
python -m studies import VOTES.csv --study NAME
python -m studies release NAME [--push ORG/NAME]
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from tqdm import tqdm

from evaluation.qualitative.study import rendering
from evaluation.qualitative.study.arms import GatysArm
from evaluation.qualitative.study.check import check
from evaluation.qualitative.study.folders import BUILT
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.reading import read_file
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import SETTING, Seeds
from evaluation.qualitative.wording import counted
from serving.engine import Engine

LABEL = 22  # pixels above each row of a contact sheet
PREVIEWED = 6  # items on a contact sheet
MODULES = {  # of the commands that need statistics or the database, which take seconds to load: each for itself alone
    "plan": "studies.plan",
    "preregister": "studies.preregister",
    "import": "studies.import_votes",
    "release": "studies.release",
}


def summary(study: Study) -> Iterator[str]:
    """Yield a few lines about a study: pairs, items, ballots, minutes, raters, answers, arms."""
    session, arms = study.session, len(study.competing)
    yield f"{study.title} — {study.question}"
    yield f"protocol   {study.protocol}: {', '.join(study.choices)}"
    items = study.items.ids
    number = "any seed" if items is None else f"{len(items):,} ({study.items.kind})"
    yield f"items      {number}; pictures of {study.size[0]} × {study.size[1]} pixels, {study.mode}"
    trials = f"{len(session.training)} training trials, {session.checks} checks"
    minutes = f"about {study.expected_minutes:g} minutes"
    yield f"session    {session.ballots_per_rater} ballots, {trials}, {minutes}; arms revealed: {study.reveal}"
    if asked := [
        counted(len(questions), f"question {where}", f"questions {where}")
        for where, questions in (
            ("before", study.before),
            ("about the instructions", study.comprehension),
            ("after", study.asked_after),
        )
        if questions
    ]:
        yield f"questions  {', '.join(asked)}"
    if study.platform is not None:
        yield f"platform   {study.platform.kind}: {', '.join(study.platform.names.values())}"
    if study.maximum_raters is not None:
        yield f"places     {study.maximum_raters:,}, each kept for {study.place_minutes} minutes without an answer"
    if study.pairwise:
        pairs = arms * (arms - 1) // 2
        ballots = math.ceil(study.preliminary_below * arms / 2)
        yield f"pairs      {pairs} of {arms} competing arms, at least {math.ceil(ballots / pairs)} votes each"
    elif study.protocol == "best_worst":
        ballots = math.ceil(study.preliminary_below * arms / 4)
        yield f"pictures   four of {arms} competing arms at once, at least {study.preliminary_below} votes each"
    else:
        ballots = study.preliminary_below * arms
        yield f"pictures   of {arms} competing arms, at least {study.preliminary_below} votes each"
    if study.exclusion is not None:
        yield f"excludes   raters with {_thresholds(study)}"
    if any(isinstance(arm, GatysArm) for arm in study.arms):
        yield "build      it first: painting by optimisation takes too long while a rater waits"
    raters = max(math.ceil(ballots / session.ballots_per_rater), study.minimum_raters)
    yield f"to rank    {ballots:,} ballots, {raters:,} raters, for {study.preliminary_below} votes per arm"
    for arm in study.arms:
        kind = f"{arm.kind}{', real' if arm.real else ''}{'' if arm.competes else ', only for checks'}"
        yield f"  {arm.id:<20} {arm.title} ({kind})"


def contact_sheet(study: Study, engine: Engine, seeds: Seeds) -> Image.Image:
    """Draw the first items of every arm in a labelled row, for the author only."""
    items = (study.items.ids or [str(seed) for seed in range(PREVIEWED)])[:PREVIEWED]
    width, height = study.size
    row = height + LABEL + 2
    sheet = Image.new("RGB", (len(items) * (width + 2), len(study.arms) * row), "white")
    pen = ImageDraw.Draw(sheet)
    for i, arm in enumerate(study.arms):
        pen.text((4, i * row + 3), f"{arm.id}: {arm.title}", fill="black", font=ImageFont.load_default(14))
        for j, item in enumerate(items):
            sheet.paste(rendering.render(study, arm, item, engine, seeds=seeds), (j * (width + 2), i * row + LABEL))
    return sheet


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m studies")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check", help="check a study file, and print what it amounts to")
    checking.add_argument("file", type=Path)
    checking.add_argument(
        "--preview", type=Path, metavar="DIR", help="write a contact sheet of the arms' pictures there"
    )
    building = commands.add_parser("build", help="draw all pictures before the session; can be stopped and continued")
    building.add_argument("file", type=Path)
    building.add_argument("--out", type=Path, metavar="DIR", help=f"default: {BUILT.parent.name}/{BUILT.name}/NAME")
    building.add_argument("--fresh", action="store_true", help="draw all pictures again, because weights have changed")
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, module in MODULES.items():
        if wanted == name or wanted not in (*commands.choices, *MODULES):  # all, where the help or an error names them
            import_module(module).add(commands)
    options = parser.parse_args()
    try:
        if hasattr(options, "run"):
            options.run(options)
            return
        study = read_file(options.file)
        check(study)
        if options.command == "check":
            print(*summary(study), sep="\n")
            if options.preview is not None:
                _preview(study, options.preview)
        else:
            _build(study, options.out, fresh=options.fresh)
    except (ValueError, RuntimeError) as error:  # ValueError: StudyError, or the engine's own
        if isinstance(error, ValueError) or _says_why(error):
            sys.exit(str(error))
        raise


def _says_why(error: RuntimeError) -> bool:
    """Whether an error is one of the database's or the Hub's, whose message is for the person at the keyboard."""
    from evaluation.qualitative.release.push import PushError
    from evaluation.qualitative.store.database import StoreUnavailableError

    return isinstance(error, StoreUnavailableError | PushError)


def _thresholds(study: Study) -> str:
    """The thresholds for raters in words."""
    from evaluation.qualitative.results.cached import thresholds_of  # these load statistics
    from evaluation.qualitative.results.methods import thresholds_in_words

    thresholds = thresholds_of(study)
    return "" if thresholds is None else thresholds_in_words(thresholds)


def _preview(study: Study, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{study.name}.png"
    contact_sheet(study, _engine(), _seeds(study)).save(path)
    print(path)


def _build(study: Study, folder: Path | None, *, fresh: bool) -> None:
    gallery = Gallery(study, folder or BUILT / study.name, seeds=_seeds(study))
    with tqdm(unit="picture", desc=study.name) as bar:
        for step in gallery.build(_engine(), fresh=fresh):
            bar.total = step.total
            bar.update()
    print(gallery.folder)


def _seeds(study: Study) -> Seeds:
    """The seeds that the app draws from: it takes the secret from the same setting or the same database."""
    if os.environ.get(SETTING) or study.items.kind != "seeds" or not study.items.offset:
        return Seeds.of(study, "")
    from evaluation.qualitative.store.store import Store

    store = Store.open(os.environ.get("DATABASE_URL"))
    store.close()
    return Seeds.of(study, store.key)


def _engine() -> Engine:
    from serving.local import LocalEngine  # only a command may import the engine; evaluation must not

    return LocalEngine()


if __name__ == "__main__":
    main()
