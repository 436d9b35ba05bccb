"""Somebody who knows all that is public acts in the names of others, over HTTP: nothing of theirs changes."""

from pathlib import Path

from benchmarks.hostile.attack import attack
from benchmarks.hostile.site import write_studies
from tests.support.app_server import running_app


def test_acts_in_other_names_change_nothing_of_theirs(tmp_path: Path):
    write_studies(tmp_path)
    with running_app(tmp_path, environment={"JUST_LOOK_TRUSTED_PROXIES": ""}) as url:
        outcome = attack(url, tmp_path, acts=150)

    assert sum(outcome.replies.values()) == 150
    refused = {kind for kind, reply in outcome.replies if reply == "refused"}
    assert refused >= {"exported id", "participant's id", "answers in another name", "an owner's act"}
    assert outcome.declared == 0
    assert (outcome.changed, outcome.codes, outcome.late, outcome.addresses, outcome.locked_out) == (0, 0, 0, 0, 0)
    assert outcome.own_withdrawal > 0, "the comparison sees a change where there is one"
