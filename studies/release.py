"""The command `release`: one zip with everything that a paper's results rest on, or a data set on the Hub."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from PIL import Image

from evaluation.qualitative.release import archive
from evaluation.qualitative.release.push import push
from evaluation.qualitative.release.sources import Draw
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import Arm, StudyError
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `python -m studies`."""
    command = commands.add_parser(
        "release", help="votes, numbers, figures and the script that recomputes them, as a zip"
    )
    command.add_argument("name", help="name of the study")
    command.add_argument("--to", type=Path, metavar="FILE.zip", help="default: NAME-release.zip")
    command.add_argument("--push", metavar="ORG/NAME", help="publish it as a data set on the Hub; needs HF_TOKEN")
    command.add_argument("--private", action="store_true", help="a new data set is visible to its owners alone")
    command.add_argument("--licence", default=archive.LICENCE, metavar="ID", help="of the data, such as cc-by-4.0")
    command.add_argument("--flagged", action="store_true", help="also count the answers that bear a flag")
    command.add_argument("--reasons", action="store_true", help="publish what raters wrote in their own words")
    command.add_argument("--no-pictures", action="store_true", help="do not draw the pictures again for their digests")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write the zip, and publish it where that is asked for.

    Raises:
        ValueError: there is no such study, or it has no votes.
        StoreUnavailableError: the database does not answer.
        PushError: the Hub did not take it; the zip is written.
    """
    library, store = StudyLibrary(), Store.open(os.environ.get("DATABASE_URL"))
    try:
        analysis = Analyses(library, store).of(options.name, include_flagged=options.flagged)
        if analysis.votes.empty:
            raise StudyError(f"study {options.name!r} has no votes yet: is DATABASE_URL the app's?")
        unfinished = analysis.study.state() != "closed"
        if unfinished:
            print("The study has not closed: digests of its pictures, which would name their arms, are left out.")
        seeds = Seeds.of(analysis.study, store.key)
        draw = None if options.no_pictures or unfinished else _drawing(analysis.study, seeds)
        files = archive.build(analysis, store, draw=draw, licence=options.licence, reasons=options.reasons)
    finally:
        store.close()
    target = options.to or Path(f"{options.name}-release.zip")
    target.write_bytes(archive.pack(files, f"{options.name}-release"))
    print(f"{target}: {len(files)} files, {target.stat().st_size / 2**20:.1f} MB")
    if options.push is not None:
        print(push(files, options.push, title=f"Release of {analysis.study.title}", private=options.private))


def _drawing(study: Study, seeds: Seeds) -> Draw:
    from serving.local import LocalEngine  # takes long to load, and only drawing needs it

    engine, gallery = LocalEngine(), Gallery(study, seeds=seeds)

    def draw(arm: Arm, item: str) -> Image.Image:
        return gallery.draw(arm, item, engine)

    return draw
