"""A study that contradicts itself is refused, with the line and the key to change."""

import re
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.study import reading
from evaluation.qualitative.study.arms import (
    AdaINArm,
    FilterArm,
    GatysArm,
    GeneratorArm,
    HubArm,
    PicturesArm,
    RealArm,
    StudyError,
)
from evaluation.qualitative.study.folders import SHIPPED as STUDIES
from evaluation.qualitative.study.items import Items
from evaluation.qualitative.study.platform import Platform
from evaluation.qualitative.study.questionnaire import ChoiceQuestion, Comprehension, ScaleQuestion, TextQuestion
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.session_rules import Attention, Completion, Gold, Session, Training

QUESTIONS = (ChoiceQuestion, ScaleQuestion, TextQuestion, Comprehension)
HEAD = 'title = "A"\nquestion = "B?"\n'
ARMS = """
[[arms]]
id = "real"
title = "Real"
kind = "real"
data = "mnist-digits"
[[arms]]
id = "fake"
title = "Fake"
kind = "generator"
model = "mnist-dcgan"
step = 500
"""
STYLES = """
[items]
contents = ["cat", "coffee"]
styles = ["irises"]
[[arms]]
id = "a"
title = "A"
kind = "style"
method = "adain"
[[arms]]
id = "b"
title = "B"
kind = "style"
method = "filter"
"""
SINGLE = HEAD + 'protocol = "real_or_fake"\n'
TWO_FAKES = (
    HEAD
    + 'protocol = "timed"\n'
    + ARMS
    + ARMS.split("[[arms]]")[2].replace('"fake"', '"another"').join(["[[arms]]", ""])
    + "[session]\nexposure_ms = 500\n"
)


def parse(text: str) -> Study:
    return reading.parse(text, "mine")


def test_what_a_file_leaves_out_makes_a_casual_study():
    plain = parse(HEAD + ARMS)

    assert plain.choices == ("left", "right", "tie", "skip")
    assert (plain.casual, plain.reveal, plain.results) == (True, "after_vote", "public")
    assert (plain.session.ballots_per_rater, plain.session.minimum_look_ms) == (20, 400)
    assert plain.session.exposure_ms is None
    assert plain.state() == "open"
    assert [arm.real for arm in plain.arms] == [True, False]
    assert parse(SINGLE + ARMS).choices == ("real", "fake")


def test_who_is_asked_for_consent_is_told_only_afterwards():
    study = parse(HEAD + 'consent = "Yes?"\n' + ARMS)

    assert (study.casual, study.reveal) == (False, "after_session")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + 'answers = ["left"]' + ARMS, r"^mine\.toml, line 3: answers 1: Input should be 'tie'"),
        (HEAD + 'answers = ["tie", "tie"]' + ARMS, r"line 3: answers: one is listed twice"),
        (SINGLE + 'answers = ["tie"]' + ARMS, r"line 4: answers: tie is for pairs, a real_or_fake study shows one"),
        (HEAD + 'protocol = "timed"' + ARMS, r"line 1: session.exposure_ms: a timed study needs the exposure"),
        (TWO_FAKES, r"arms: a timed study compares one generator with real pictures.*each of fake, another"),
        (SINGLE + ARMS.replace('kind = "real"\ndata', 'kind = "generator"\nstep = 0\nmodel'), r"needs a real arm"),
        (HEAD + ARMS + "competes = false\n", r"line 4: arms: a pairwise study needs at least two arms that compete"),
        (HEAD + "closes = 2026-01-01T00:00:00" + ARMS, r"line 3: closes: Input should have timezone info"),
        (
            HEAD + "opens = 2026-01-02T00:00:00Z\ncloses = 2026-01-01T00:00:00Z" + ARMS,
            r"line 4: closes: must be later than opens",
        ),
        (HEAD + 'results = "after_close"' + ARMS, r"line 3: results: after_close needs closes"),
        (HEAD + 'results = "owner"' + ARMS, r"line 3: results: for the owner alone need owners"),
        (SINGLE + "stop_early = true" + ARMS, r"line 4: stop_early: one arm stands alone only in a pairwise study"),
        (HEAD + ARMS + '[session]\npairs = "odd"\n', r"line 16: session.pairs: Input should be 'adaptive' or 'even'"),
        (HEAD + ARMS + "[exclusion]\nmost_lean = 0.4\n", r"line 16: exclusion.most_lean: Input should be greater"),
        (HEAD + ARMS + "[exclusion]\n", r"exclusion needs a threshold: least_skill, most_lean or most_lapses"),
        (HEAD + 'owners = ["a b"]' + ARMS, r"line 3: owners 1: String should match pattern"),
        (HEAD + 'name = "other"' + ARMS, r"line 3: name: a study is named by its file"),
        (
            HEAD + ARMS + '[[session.attention]]\nanswer = "centre"\n',
            r"line 16: answer of session.attention 1: must be one of left, right, tie, skip",
        ),
        (
            HEAD + ARMS + '[[session.attention]]\nanswer = "left"\nevery = 21\n',
            r"line 17: every of session.attention 1: every 21 ballots is never",
        ),
        (HEAD + ARMS + '[[session.gold]]\nbetter = "real"\n', r"line 15: session.gold 1: .*needs better and worse"),
        (
            HEAD + ARMS + '[[session.gold]]\nbetter = "real"\nworse = "faked"\n',
            r"line 15: session.gold 1: there is no arm 'faked'; there are: real, fake",
        ),
        (
            HEAD + ARMS + '[[session.training]]\nbetter = "real"\nworse = "fake"\nfeedback = "So."\nitem = "x"\n',
            r"line 19: item of session.training 1: there is no such item",
        ),
        (SINGLE + ARMS + '[[session.gold]]\nbetter = "real"\nworse = "fake"\n', r"real_or_fake study needs arm here"),
        (
            HEAD + ARMS + '[[before]]\nid = "a"\nask = "Why?"\nkind = "choice"\noptions = ["x", "x"]\n',
            r"line 19: options of before 1: one is listed twice",
        ),
        (
            HEAD + ARMS + '[[after]]\nid = "a"\nask = "Why?"\nkind = "scale"\nlowest = 5\nhighest = 5\n',
            r"line 20: highest of after 1: a scale has 2 to 11 numbers",
        ),
        (
            HEAD + ARMS + 2 * '[[before]]\nid = "a"\nask = "Why?"\nkind = "text"\n',
            r"line 20: id of before 2: another question has this id",
        ),
        (
            HEAD + 'demographics = ["age"]' + ARMS + '[[after]]\nid = "age"\nask = "Why?"\nkind = "text"\n',
            r"line 16: id of after 1: another question has this id",
        ),
        (HEAD + 'demographics = ["income"]' + ARMS, r"line 3: demographics 1: Input should be 'age', 'gender'"),
        (
            HEAD + ARMS + '[[comprehension]]\nask = "What?"\noptions = ["x", "y"]\nanswer = "z"\n',
            r"line 18: answer of comprehension 1: must be one of the options: x, y",
        ),
        (
            HEAD + ARMS + '[[comprehension]]\nask = "What?"\noptions = ["x", "y"]\nanswer = "y"\n',
            r"comprehension: asks about instructions, and this study has none",
        ),
        (HEAD + "[items]\nseeds = 0" + ARMS, r"line 4: items.seeds: should be 1 to 10,000 seeds"),
        (HEAD + "[items]\nseeds = [1, 1]" + ARMS, r"line 3: items: an item is listed twice"),
        (HEAD + '[items]\ncontents = ["cat"]' + ARMS, r"line 3: items: contents and styles belong together"),
        (HEAD + STYLES.replace("styles =", "seeds = 3\nstyles ="), r"items are of one kind; here are seeds and"),
        (HEAD + STYLES.replace('"irises"', '"mona-lisa"'), r"line 6: items.styles 1: the app ships no picture 'mona"),
        (HEAD + STYLES.replace('"irises"', '"../irises.jpg"'), r"line 6: items.styles 1: must be a relative path"),
        (HEAD + STYLES[STYLES.index("[[arms]]") :], r"line 3: arm 1: restyles photos: items need contents and styles"),
        (HEAD + STYLES + ARMS, r"line 18: arm 3: draws from seeds"),
        (HEAD + ARMS.replace("step = 500", "step = nan"), r"line 14: step of arm 2: "),
        (HEAD + STYLES.replace('"adain"', '"adain"\nstrength = 1.5'), r"line 12: strength of arm 1: .*less than or"),
        (HEAD + "x = " + "[" * 5_000, r"^mine\.toml is not TOML: "),
        (HEAD + "x = " + "9" * 5_000, r"^mine\.toml is not TOML: "),
        ("#" * 300_000, r"^mine\.toml has 300,000 bytes; a study has up to 262,144$"),
        ("title = '\ud800'", r"^mine\.toml is not TOML: half a character at 9"),
    ],
)
def test_a_contradiction_is_told_with_its_line_and_key(text: str, message: str):
    with pytest.raises(StudyError, match=message) as refused:
        parse(text)

    assert len(str(refused.value)) < 2_000


def test_a_faulty_file_is_told_five_faults_at_once():
    with pytest.raises(StudyError) as refused:
        parse("\n".join(f"key{i} = 1" for i in range(20)) + ARMS)

    assert len(str(refused.value).splitlines()) == 6
    assert str(refused.value).endswith("… and 17 more")


def test_a_study_is_open_from_its_opening_until_its_closing():
    timed = parse(HEAD + "opens = 2026-01-01T00:00:00+01:00\ncloses = 2026-02-01T00:00:00Z" + ARMS)

    assert timed.state(datetime(2025, 12, 31, 22, 59, tzinfo=UTC)) == "not_yet"
    assert timed.state(datetime(2025, 12, 31, 23, 0, tzinfo=UTC)) == "open"
    assert timed.state(datetime(2026, 2, 1, tzinfo=UTC)) == "closed"


def test_unpaired_seeds_differ_and_paired_ones_do_not():
    free = parse(HEAD + ARMS)
    paired = parse(HEAD + "[items]\nseeds = 5\npaired = true" + ARMS)
    rng = Random(1)

    assert len({seed for _ in range(20) for seed in draw(free, rater=new_rater(), rng=rng).items}) == 40
    drawn = [draw(paired, rater=new_rater(), rng=rng).items for _ in range(100)]
    assert all(left == right for left, right in drawn)
    assert {left for left, _ in drawn} == {"0", "1", "2", "3", "4"} == set(paired.items.ids or [])


def test_every_photo_meets_every_painting():
    study = parse(HEAD + STYLES.replace("styles =", 'pairs = [["rocket", "apples"]]\nstyles ='))
    items = study.items

    assert items.ids == ["cat--irises", "coffee--irises", "rocket--apples"]
    assert items.combinations["coffee--irises"] == ("coffee", "irises")
    left, right = draw(study, rater=new_rater(), rng=Random(0)).items
    assert left == right


def test_seeds_have_no_photo_and_painting_to_show():
    with pytest.raises(StudyError, match="`show_inputs` is for items of a photo and a painting"):
        parse(HEAD + "[items]\nseeds = 5\nshow_inputs = true" + ARMS)


@pytest.mark.parametrize("item", ["-1", "4294967296", "01", "1.0", "", "٣", "1" * 5_000, "cat--irises"])
def test_what_is_no_seed_is_no_item(item: str):
    assert not parse(HEAD + ARMS).items.holds(item)
    assert parse(HEAD + ARMS).items.holds("4294967295")


def test_the_estimate_counts_training_and_checks():
    text = HEAD + ARMS + '[[session.gold]]\nbetter = "real"\nworse = "fake"\nevery = 6\n'

    assert parse(text).session.checks == 3
    assert parse(text).expected_minutes == 4  # (20 + 3) × 8 s
    assert parse(text + "[session]\nexpected_minutes = 2.5\n").expected_minutes == 2.5


@pytest.mark.parametrize(
    ("redirect", "message"),
    [
        ("http://example.org", "https"),
        ("javascript:alert(1)", "https"),
        ("https://user@example.org/", "https"),
        ("https://{SESSION_ID}.example.org/", "https"),
        ("https://example.org\\\\@evil.org/", "https"),
        ("https://example.org/?a={RATER}", "belongs to no placeholder"),
        ("https://example.org/?a={CODE.__class__}", "belongs to no placeholder"),
        ("https://example.org/?a={CODE!r}", "belongs to no placeholder"),
        ("https://example.org/?a={", "belongs to no placeholder"),
        ("https://example.org/ x", "without spaces"),
    ],
)
def test_a_redirect_leads_only_where_its_author_wrote(redirect: str, message: str):
    with pytest.raises(StudyError, match=rf"line 16: completion\.redirect: .*{message}"):
        parse(HEAD + ARMS + f'[completion]\nredirect = "{redirect}"\n')


def test_a_redirect_takes_what_the_link_brought_and_nothing_of_it_escapes():
    text = (
        '[completion]\ncode = "C123"\nredirect = "https://example.org/done?cc={CODE}&p={PROLIFIC_PID}&s={STUDY_ID}"\n'
    )
    completion = parse(HEAD + ARMS + text).completion

    assert completion is not None
    values = Platform().values({"participant": "a&b=#{CODE}"}, code="C123")
    assert completion.address(values) == ("https://example.org/done?cc=C123&p=a%26b%3D%23%7BCODE%7D&s=")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ('[platform]\nkind = "prolific."\n', r"line 16: platform\.kind: Input should be 'prolific', 'mturk'"),
        ('[platform]\nkind = "other"\n', r"line 15: platform: needs the name of the parameter"),
        ('[platform]\nparticipant = "a b"\n', r"line 16: platform\.participant: .*pattern"),
        ('[platform]\nparticipant = "STUDY_ID"\n', r"line 15: platform: STUDY_ID can't be two parameters"),
        ('[platform]\nparticipant = "study"\n', r"line 15: platform: study is a parameter of the app's own links"),
        ('[platform]\nkind = "mturk"\n[completion]\nredirect = "https://a.org"\n', r"redirect: leave it out: Mech"),
        ('[platform]\nkind = "sona"\n', r"completion\.redirect: Sona gives credit .* must hold survey_code=\{surv"),
        ('[platform]\nkind = "sona"\n[completion]\ncode = "X"\n', r"must hold survey_code=\{survey_code\}"),
        ('[platform]\nkind = "connect"\n[completion]\nredirect = "https://a.org/{workerId}"\n', r"\{participantId\}"),
    ],
)
def test_a_platform_that_can_not_be_is_refused(tables: str, message: str):
    with pytest.raises(StudyError, match=message):
        parse(HEAD + ARMS + tables)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("prolific", ["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"]),
        ("mturk", ["workerId", "hitId", "assignmentId"]),
        ("connect", ["participantId", "projectId", "assignmentId"]),
    ],
)
def test_a_platform_names_its_parameters(kind: str, names: list[str]):
    platform = parse(HEAD + ARMS + f'[platform]\nkind = "{kind}"\n').links

    assert list(platform.names.values()) == names
    query = {name: f"id-{name}" for name in names}
    assert list(platform.read({**query, "study": "mine"}).values()) == list(query.values())


def test_sona_gives_credit_by_the_code_of_its_link():
    text = (
        '[platform]\nkind = "sona"\nparticipant = "id"\n[completion]\n'
        'redirect = "https://lab.sona-systems.com/webstudy_credit.aspx?credit_token=9&survey_code={id}"\n'
    )
    study = parse(HEAD + ARMS + text)

    assert study.completion is not None
    values = study.links.values(study.links.read({"id": "1234"}), code="")
    assert study.completion.address(values) == (
        "https://lab.sona-systems.com/webstudy_credit.aspx?credit_token=9&survey_code=1234"
    )


def test_a_completion_without_anything_is_none():
    with pytest.raises(StudyError, match=r"line 15: completion: completion needs a code, a redirect, or both"):
        parse(HEAD + ARMS + "[completion]\n")


def error_of(text: str) -> str:
    """The error of a text, or its name where it is a study after all."""
    try:
        parse(text)
    except StudyError as error:
        return str(error)
    return "mine.toml"


SHIPPED = [path.read_text(encoding="utf-8") for path in sorted(STUDIES.glob("*.toml"))]
VALUES = [
    "-1",
    "1e400",
    "nan",
    "[]",
    "{}",
    "true",
    '""',
    "'\\'",
    "2026-01-01",
    '"../x"',
    "[[[1]]]",
    '"\\u0000"',
    "0x7f",
]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(st.data())
def test_no_mutilated_file_does_worse_than_a_study_error(data: st.DataObject):
    lines = data.draw(st.sampled_from(SHIPPED)).splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        key = lines[at].split("=")[0]
        change = data.draw(st.sampled_from(["value", "drop", "double", "cut", "noise", "swap"]))
        other = data.draw(st.integers(0, len(lines) - 1))
        match change:
            case "value":
                lines[at] = f"{key}= {data.draw(st.sampled_from(VALUES))}"
            case "drop":
                lines[at] = ""
            case "double":
                lines.insert(other, lines[at])
            case "cut":
                lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
            case "noise":
                lines[at] += data.draw(st.text(max_size=8))
            case "swap":
                lines[at], lines[other] = lines[other], lines[at]
    assert error_of("\n".join(lines)).startswith("mine.toml")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=200))
def test_no_text_does_worse_than_a_study_error(text: str):
    with pytest.raises(StudyError):
        reading.parse(text, "mine")


def test_the_manuals_example_is_a_study_and_its_reference_is_complete():
    manual = (STUDIES.parent / "docs/studies.md").read_text(encoding="utf-8")
    example = parse(manual.split("```toml\n")[1].split("```")[0])

    assert (example.protocol, example.results, len(example.session.gold)) == ("pairwise", "after_close", 1)
    keys = {
        key
        for table in (Study, Items, Session, Platform, Completion, Training, Gold, Attention, *QUESTIONS)
        for key in table.model_fields
    }
    arms = {
        key
        for arm in (GeneratorArm, HubArm, RealArm, PicturesArm, AdaINArm, GatysArm, FilterArm)
        for key in arm.model_fields
    }
    documented = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]+`", manual.split("## Reference")[1]))))
    assert (keys | arms) - {"name"} - documented == set()


@pytest.mark.parametrize(
    "asked",
    [
        'demographics = ["age"]\n',
        '[[before]]\nid = "a"\nask = "Why?"\nkind = "text"\n',
        '[[after]]\nid = "a"\nask = "Why?"\nkind = "scale"\n',
    ],
)
def test_a_study_that_asks_about_the_rater_is_a_session(asked: str):
    study = parse(HEAD + asked + ARMS)
    assert (study.casual, study.asks_questions, study.reveal) == (False, True, "after_session")
