"""The command `preregister`: write down beforehand what a study will do, with a digest."""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluation.qualitative import software
from evaluation.qualitative.planning import preregistration
from evaluation.qualitative.study.check import check
from evaluation.qualitative.study.reading import read_file


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `python -m studies`."""
    command = commands.add_parser("preregister", help="write down arms, raters, stopping, exclusions and analysis")
    command.add_argument("file", type=Path)
    command.add_argument("--raters", type=int, metavar="N", help="how many are planned; default: maximum_raters")
    command.add_argument("--stopping", metavar="SENTENCE", help="when no more answers are taken")
    command.add_argument("--hypothesis", metavar="SENTENCE", help="what is expected")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write the file beside the study file, and print its digest.

    Raises:
        ValueError: the study file is wrong, or it is preregistered already.
    """
    study = read_file(options.file)
    check(study)
    fields = preregistration.content(
        study,
        raters=options.raters,
        stopping=options.stopping,
        hypothesis=options.hypothesis,
        software=software.name(),
    )
    print(preregistration.write(options.file, study, fields))
    print(f"sha256 {fields['sha256']}")
    print("Publish this digest where its date can be proved, for example in a commit or a registry.")
