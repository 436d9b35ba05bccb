"""1,000 hostile acts against the running app: `python -m benchmarks.hostile [--acts N]`.

Raters take part over HTTP in three studies: one that runs, one that has closed with public results, and one without a
session. Somebody who knows all that is public (exports, participants' ids) then acts in their names: with ids from
exports, guessed secrets, other people's links, forged addresses, replayed and late answers, answers to questions,
withdrawals; and as an owner, with a guessed token. Nobody else's row in the database or line in the journal may change,
and no completion code may be told.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.hostile.attack import Attack, attack
from benchmarks.hostile.site import write_studies
from benchmarks.report import Figure, print_report
from tests.support.app_server import running_app

ACTS = 1_000


def report(outcome: Attack) -> None:
    """Print the acts by kind, and the report."""
    replies = ("refused", "answered", "failed")  # answered: with a new session, or that there is nothing to withdraw
    print(f"{'':28}{'acts':>6}" + "".join(f"{reply:>10}" for reply in replies))
    for kind in outcome.seconds:
        counts = [outcome.replies[kind, reply] for reply in replies]
        print(f"{kind:28}{sum(counts):6}" + "".join(f"{count:10}" for count in counts))
    figures = [
        Figure("acts", sum(outcome.replies.values()), ACTS, at_least=True),
        Figure("rows_of_others_changed", outcome.changed, 0),
        Figure("codes_told", outcome.codes, 0),
        Figure("late_answers_counted", outcome.late, 0),
        Figure("failed_without_a_sentence", sum(outcome.replies[kind, "failed"] for kind in outcome.seconds), 0),
        Figure("forged_addresses_believed", outcome.addresses, 0),
        Figure("acts_of_an_owner_stored", outcome.declared, 0),
        Figure("raters_locked_out", outcome.locked_out, 0),
        Figure("rows_gone_after_an_own_withdrawal", outcome.own_withdrawal, 1, at_least=True),
    ]
    print_report("Hostile acts", dict(outcome.seconds), figures)


def main() -> None:
    """Start the app and attack it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--acts", type=int, default=ACTS, help="number of hostile acts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        folder = Path(name)
        write_studies(folder)
        with running_app(folder, environment={"JUST_LOOK_TRUSTED_PROXIES": ""}) as url:
            report(attack(url, folder, acts=options.acts))


if __name__ == "__main__":
    main()
