"""The command `plan`: how many raters and votes a study needs, by simulation."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from evaluation.qualitative.planning import pilot
from evaluation.qualitative.planning.design import Assumptions, BallotDesign, PlanError, design_of, points_of
from evaluation.qualitative.planning.four import FOUR
from evaluation.qualitative.planning.power import MOST_RATERS, CurvePoint, SampleSize, plan
from evaluation.qualitative.results import figures
from evaluation.qualitative.study.check import check
from evaluation.qualitative.study.reading import read_file
from evaluation.qualitative.study.schema import Study


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `python -m studies`."""
    command = commands.add_parser("plan", help="how many raters a study needs to find its best arm, by simulation")
    command.add_argument("file", type=Path)
    wanted = command.add_mutually_exclusive_group()
    wanted.add_argument(
        "--difference", type=float, metavar="POINTS", help="score of the best arm over the others; default 70"
    )
    wanted.add_argument(
        "--win-rate", type=float, metavar="PERCENT", help="the same as a share of ballots won; 60 is 70 points"
    )
    command.add_argument("--pilot", type=Path, metavar="FILE", help="votes of a pilot: an export, or a release's zip")
    command.add_argument("--power", type=float, default=80, metavar="PERCENT", help="default 80")
    command.add_argument("--spread", type=float, metavar="POINTS", help="how much raters differ; default 100")
    command.add_argument(
        "--ties", type=float, metavar="PERCENT", help="ties between equal arms; default 20; pairs only"
    )
    command.add_argument("--lapses", type=float, metavar="PERCENT", help="answers without a look; default 2")
    command.add_argument("--per-rater", type=int, metavar="BALLOTS", help="default: as the study file says")
    command.add_argument("--simulations", type=int, default=200, metavar="N", help="default 200")
    command.add_argument("--most", type=int, default=MOST_RATERS, metavar="RATERS", help=f"default {MOST_RATERS:,}")
    command.add_argument("--seed", type=int, default=0, metavar="N")
    command.add_argument("--figure", type=Path, metavar="FILE.svg", help="write the power curve there")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Simulate, print what is needed, and write the figure.

    Raises:
        ValueError: a number or a file makes no sense.
    """
    study = read_file(options.file)
    check(study)
    design = design_of(study)
    if options.per_rater is not None:
        design = replace(design, per_rater=options.per_rater)
    assumptions = _assumptions(study, options)
    with tqdm(unit="study", desc=study.name, leave=False, file=sys.stderr) as bar:
        for result in plan(
            design,
            assumptions,
            power=options.power / 100,
            simulations=options.simulations,
            most_raters=options.most,
            seed=options.seed,
        ):
            bar.total = result.total
            bar.update(result.done - bar.n)
    print(*lines(study, design, assumptions, result), sep="\n")
    if options.figure is not None:
        options.figure.write_text(curve(result).file, encoding="utf-8")
        print(options.figure)


def lines(study: Study, design: BallotDesign, assumptions: Assumptions, result: SampleSize) -> list[str]:
    """Return the plan as lines of text."""
    apart = "as far apart as in the pilot"
    if assumptions.strengths is None:
        apart = f"the best {assumptions.difference:.0f} points above the others"
    four = ties = ""
    if design.pictures == FOUR:
        four = " of four pictures"
    else:
        ties = f"{100 * assumptions.ties:.0f} % ties between equal arms, "
    head = [
        f"{study.name}: {design.arms} arms, {apart}; {design.per_rater} ballots per rater{four}",
        f"raters differ by {assumptions.spread:.0f} points, {ties}{100 * assumptions.lapses:.0f} % lapses",
        "",
        f"{'raters':>8}{'votes':>9}{'power':>9}   95 % interval   widest score interval",
    ]
    body = [_line(point) for point in result.points]
    if result.raters is None:
        last = f"More than {result.beyond:,} raters are needed for a power of {100 * result.wanted:.0f} %."
    else:
        last = (
            f"{result.raters:,} raters, {result.votes:,} votes: the best arm ranks first alone in "
            f"{100 * result.wanted:.0f} % of such studies."
        )
    return [*head, *body, "", last, *([result.caveat] if result.caveat else [])]


def curve(result: SampleSize) -> figures.Drawing:
    """Draw the power by number of raters."""
    return figures.power_curve(
        [point.raters for point in result.points],
        [point.power for point in result.points],
        [point.interval for point in result.points],
        wanted=result.wanted,
        needed=result.raters,
    )


def _assumptions(study: Study, options: argparse.Namespace) -> Assumptions:
    if options.ties is not None and study.protocol == "best_worst":
        raise PlanError(f"{study.name} asks for the best and the worst of four, which are never tied: leave --ties out")
    difference = options.difference if options.win_rate is None else points_of(options.win_rate / 100)
    changes = {
        "spread": options.spread,
        "ties": None if options.ties is None else options.ties / 100,
        "lapses": None if options.lapses is None else options.lapses / 100,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    if options.pilot is None:
        base = Assumptions() if difference is None else Assumptions(difference=difference)
    else:
        known = pilot.pilot_of(pilot.read(options.pilot), [arm.id for arm in study.competing])
        print(f"pilot: {known.votes:,} votes by {known.raters:,} raters", file=sys.stderr)
        base = known.assumptions(difference=difference)
    return replace(base, **changes)


def _line(point: CurvePoint) -> str:
    low, high = point.interval
    width = "" if point.half_width is None else f"± {point.half_width:.0f} points"
    return (
        f"{point.raters:>8,}{point.votes:>9,}{100 * point.power:>7.0f} %   {100 * low:>3.0f} to {100 * high:>3.0f} %"
        f"    {width:>18}"
    )
