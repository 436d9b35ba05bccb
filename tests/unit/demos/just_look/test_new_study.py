"""Run a session of your own: the form offers what the engine has, and a QR code holds the link and nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from demos.just_look.new_study import NewStudyActions
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from serving.engine.sampling import GeneratorInfo


class Engine:
    """The one answer that the form needs."""

    def generators(self) -> list[GeneratorInfo]:
        return [GeneratorInfo(name="mnist-dcgan", title="DCGAN on MNIST", z_dim=64, size=32, steps=(0, 500, 1_000))]


@pytest.fixture
def actions(tmp_path: Path) -> Iterator[NewStudyActions]:
    return NewStudyActions(StudyLibrary(uploaded=tmp_path), Engine())


def test_the_form_offers_every_snapshot_by_its_title(actions: NewStudyActions):
    html = actions.form(owner=False)
    assert re.findall(r'<option value="(mnist-dcgan@\d+)">([^<]+)', html) == [
        ("mnist-dcgan@0", "DCGAN on MNIST, before its first step"),
        ("mnist-dcgan@500", "DCGAN on MNIST, 500 training steps"),
        ("mnist-dcgan@1000", "DCGAN on MNIST, 1,000 training steps"),
    ]


def test_the_answers_become_a_study_file(actions: NewStudyActions):
    file = actions.compose("Class 9b", "Which?", ["mnist-digits", "mnist-dcgan@500"], None, "", "after_vote")
    assert file["name"] == "class-9b.toml"
    assert 'title = "DCGAN on MNIST, 500 training steps"' in file["text"]


@pytest.mark.parametrize("sources", [["mnist-digits", "nothing@1"], ["mnist-digits", 3], "mnist-digits"])
def test_unknown_sources_are_refused(actions: NewStudyActions, sources: object):
    with pytest.raises(StudyError):
        actions.compose("Class 9b", "Which?", sources, None, "", "after_vote")


def test_the_invitation_has_the_link_and_its_code(actions: NewStudyActions):
    html = actions.invitation("digits-by-training-step", "https://space.hf.space/")["html"]
    assert 'value="https://space.hf.space/?study=digits-by-training-step"' in html
    assert 'href="?results=digits-by-training-step"' in html
    assert "<svg" in html


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", 'https://x/"onload="', "https://x/ y", "", None, "https://" + "a" * 600]
)
def test_an_address_that_is_no_page_is_refused(actions: NewStudyActions, address: object):
    with pytest.raises(StudyError, match="address of this page"):
        actions.invitation("digits-by-training-step", address)


def test_an_unknown_study_has_no_invitation(actions: NewStudyActions):
    with pytest.raises(StudyError, match="no study"):
        actions.invitation("nowhere", "https://x/")
