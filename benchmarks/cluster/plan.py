"""What audiences of each size need: `python -m benchmarks.cluster.plan` prints the tables of docs/scale.md.

It computes with what `python -m benchmarks.cluster --keep` measured, and with the assumptions below.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

KEPT = Path(__file__).parent / "measured.json"
AUDIENCES = (1_000, 100_000, 10_000_000)
DAY_S = 86_400
GIGABYTE = 1e9


@dataclass(frozen=True)
class ActionCost:
    """What one action costs.

    Attributes:
        page: seconds of a core of the page's process.
        replica: seconds of a core of a replica.
        sent: bytes to the visitor.
    """

    page: float
    replica: float
    sent: float


@dataclass(frozen=True)
class MachineCosts:
    """What was measured on one machine.

    Attributes:
        processor: its name.
        costs: of an action, by its name.
        ray: cores that Ray's own processes use while nothing happens.
        vote_bytes: by which the database and its journal grow with a vote.
        commits: a second, of a database that puts each row onto the disk by itself.
        page_memory: bytes of a page's process.
        replica_memory: bytes of a replica.
    """

    processor: str
    costs: Mapping[str, ActionCost]
    ray: float
    vote_bytes: float
    commits: float
    page_memory: float
    replica_memory: float

    def write(self, path: Path = KEPT) -> None:
        """Keep it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def read(cls, path: Path = KEPT) -> MachineCosts:
        """What was kept."""
        values = json.loads(path.read_text())
        return cls(**{**values, "costs": {name: ActionCost(**cost) for name, cost in values["costs"].items()}})


@dataclass(frozen=True)
class Assumed:
    """What nobody has measured: an audience's habits, and prices; and what other benchmarks measured.

    Attributes:
        actions: of a visit, by name.
        minutes: of a visit.
        peak: visits of the busiest hour over those of a mean one.
        busy: share of the time for which cores and disks are planned to work.
        session: bytes of memory of a visitor's session; `benchmarks.page.sessions` printed 84 kB without pictures.
        link: bits a second of a machine's network.
        core_hour: price of a core and its memory for an hour, in dollars.
        sent_gigabyte: price of a gigabyte to visitors, in dollars.
    """

    actions: Mapping[str, float] = field(
        default_factory=lambda: {"opening": 1, "restyle": 6, "sheet": 20, "20 steps of a painting": 0.5, "vote": 3}
    )
    minutes: float = 8
    peak: float = 3
    busy: float = 0.6
    session: float = 84e3
    link: float = 1e9
    core_hour: float = 0.04
    sent_gigabyte: float = 0.05


@dataclass(frozen=True)
class Need:
    """What an audience needs in its busiest hour, and what a day of it costs.

    Attributes:
        visits: that begin in a second.
        pages: processes of the page.
        replicas: of one core.
        memory: bytes, of all of them and of the sessions.
        bits: a second to visitors.
        votes: a second.
        stored: bytes of votes in a year.
        dollars: a day, with as many cores as each hour needs.
    """

    visits: float
    pages: int
    replicas: int
    memory: float
    bits: float
    votes: float
    stored: float
    dollars: float


def of_a_visit(measured: MachineCosts, assumed: Assumed) -> ActionCost:
    """What a whole visit costs."""
    actions = [(count, measured.costs[name]) for name, count in assumed.actions.items()]
    return ActionCost(
        sum(count * cost.page for count, cost in actions),
        sum(count * cost.replica for count, cost in actions),
        sum(count * cost.sent for count, cost in actions),
    )


def need(visitors: int, measured: MachineCosts, assumed: Assumed) -> Need:
    """What so many visitors a day need."""
    visit, votes = of_a_visit(measured, assumed), assumed.actions["vote"]
    visits = visitors / DAY_S * assumed.peak
    pages, replicas = (max(1, math.ceil(visits * cost / assumed.busy)) for cost in (visit.page, visit.replica))
    sessions = visits * 60 * assumed.minutes * assumed.session
    core_hours = visitors * (visit.page + visit.replica) / assumed.busy / 3600 + 24 * measured.ray
    return Need(
        visits=visits,
        pages=pages,
        replicas=replicas,
        memory=pages * measured.page_memory + replicas * measured.replica_memory + sessions,
        bits=8 * visits * visit.sent,
        votes=visits * votes,
        stored=365 * visitors * votes * measured.vote_bytes,
        dollars=core_hours * assumed.core_hour + visitors * visit.sent / GIGABYTE * assumed.sent_gigabyte,
    )


def carried(measured: MachineCosts, assumed: Assumed) -> dict[str, float]:
    """Visitors a day that one of each part carries, the part that carries the fewest in front."""
    visit, votes = of_a_visit(measured, assumed), assumed.actions["vote"]
    a_second = {
        "a process of the page": assumed.busy / visit.page,
        "a replica with one core": assumed.busy / visit.replica,
        "a network link of 1 Gbit/s": assumed.busy * assumed.link / 8 / visit.sent,
        "a database that commits each vote by itself": assumed.busy * measured.commits / votes,
    }
    a_day = {name: visits * DAY_S / assumed.peak for name, visits in a_second.items()}
    return dict(sorted(a_day.items(), key=lambda part: part[1]))


def table(measured: MachineCosts, assumed: Assumed) -> str:
    """The tables, in Markdown."""
    needs = [need(visitors, measured, assumed) for visitors in AUDIENCES]
    visit = of_a_visit(measured, assumed)
    costs = [
        *((f"{name} ({assumed.actions[name]:g} a visit)", cost) for name, cost in measured.costs.items()),
        ("a visit", visit),
    ]
    rows: list[tuple[str, Sequence[str]]] = [
        ("visits that begin in a second", [f"{n.visits:,.2f}" for n in needs]),
        ("processes of the page", [f"{n.pages:,}" for n in needs]),
        ("replicas with one core", [f"{n.replicas:,}" for n in needs]),
        ("memory", [f"{n.memory / GIGABYTE:,.0f} GB" for n in needs]),
        ("to visitors", [f"{n.bits / 1e6:,.0f} Mbit/s" for n in needs]),
        ("votes a second", [f"{n.votes:,.2f}" for n in needs]),
        ("votes of a year", [f"{n.stored / GIGABYTE:,.1f} GB" for n in needs]),
        ("cost of a day", [f"${n.dollars:,.0f}" for n in needs]),
        ("first limits", [first_limits(visitors, measured, assumed) for visitors in AUDIENCES]),
    ]
    head = " | ".join(f"{visitors:,}" for visitors in AUDIENCES)
    return "\n".join(
        [
            f"Measured on one thread of {measured.processor}:",
            "",
            "| action | page, core-seconds | replica, core-seconds | to the visitor |",
            "|---|---|---|---|",
            *(f"| {name} | {c.page:.3f} | {c.replica:.3f} | {c.sent / 1e6:.2f} MB |" for name, c in costs),
            "",
            "| one of these | carries visitors a day |",
            "|---|---|",
            *(f"| {name} | {_rounded(visitors)} |" for name, visitors in carried(measured, assumed).items()),
            "",
            f"| in the busiest hour | {head} |",
            "|---|---|---|---|",
            *(f"| {name} | {' | '.join(values)} |" for name, values in rows),
        ]
    )


def first_limits(visitors: int, measured: MachineCosts, assumed: Assumed) -> str:
    """The parts of which one is not enough, and how many are; or the part that is nearest to that."""
    shares = {name: visitors / most for name, most in carried(measured, assumed).items()}
    short = [f"{name} ({share:,.1f} ×)" for name, share in shares.items() if share > 1]
    nearest, share = next(iter(shares.items()))
    return "; ".join(short) or f"nothing: {nearest} is at {share:.0%}"


def _rounded(number: float) -> str:
    """Two digits: the assumptions are not better than that."""
    return f"{float(f'{number:.2g}'):,.0f}"


def main() -> None:
    """Print the tables."""
    argparse.ArgumentParser(prog="python -m benchmarks.cluster.plan", description=main.__doc__).parse_args()
    print(table(MachineCosts.read(), Assumed()))


if __name__ == "__main__":
    main()
