"""A release recomputes every published number with nothing but numpy and scipy, and names no person."""

import csv
import hashlib
import io
import json
import random
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import util
from pathlib import Path

import pytest
import yaml

from evaluation.qualitative.ballot import Ballot, Purpose, new_rater
from evaluation.qualitative.release import analysis as script
from evaluation.qualitative.release import archive
from evaluation.qualitative.results.cached import Analyses, Analysis
from evaluation.qualitative.session.ballot_sampling import draw, draw_attention
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store import events
from evaluation.qualitative.store.flags import LIMITS
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds
from serving.local import LocalEngine
from tests.support.folders import STUDIES as FOLDER
from tests.support.sessions import answer_all, begin

STUDIES = {
    "pairs": """
title = "Pairs"
question = "Which is better?"
preliminary_below = 30
[items]
seeds = 6
paired = true
[[session.attention]]
answer = "left"
every = 5
""",
    "loose": """
title = "Pairs of any seed"
question = "Which is better?"
answers = ["tie", "both_bad", "not_sure", "skip"]
[exclusion]
least_skill = 0.7
most_lean = 0.9
""",
    "four": """
title = "Best and worst of four"
question = "Which looks best, and which worst?"
protocol = "best_worst"
[items]
seeds = 6
paired = true
[[session.attention]]
answer = "best_1_worst_4"
every = 5
""",
    "fakes": """
title = "Real or fake"
question = "Is this real?"
protocol = "real_or_fake"
answers = ["not_sure"]
[items]
seeds = 9
""",
    "glance": """
title = "At a glance"
question = "Is this real?"
protocol = "timed"
[session]
exposure_ms = 500
""",
}
ARMS = """
[[arms]]
id = "real"
title = "Real digits"
kind = "real"
data = "mnist-digits"
[[arms]]
id = "late"
title = "DCGAN, late"
kind = "generator"
model = "mnist-dcgan"
step = 20_000
"""
EARLY = """
[[arms]]
id = "early"
title = "DCGAN, early"
kind = "generator"
model = "mnist-dcgan"
step = 500
"""
OTHERS = """
[[arms]]
id = "middle"
title = "DCGAN, middle"
kind = "generator"
model = "mnist-dcgan"
step = 5_000
[[arms]]
id = "first"
title = "DCGAN, first"
kind = "generator"
model = "mnist-dcgan"
step = 0
"""
MORE = {"glance": "", "four": EARLY + OTHERS}
RATERS = {"pairs": LIMITS.raters_per_address * 2 + 3, "loose": 9, "four": 9, "fakes": 9, "glance": 9}
STRENGTH = {"real": 2, "late": 1, "middle": 0.5, "early": 0, "first": -1}
MISSED = {"pairwise": "right", "best_worst": "best_4_worst_1", "real_or_fake": "fake", "timed": "fake"}
SECRET = "rater-who-never-answered"
RIGHT, WRONG = "the one that a person may have written", "the darker one"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> StudyLibrary:
    folder = tmp_path_factory.mktemp("studies")
    for name, text in STUDIES.items():
        (folder / f"{name}.toml").write_text(text + ARMS + MORE.get(name, EARLY))
    return StudyLibrary(shipped=folder, uploaded=folder / "uploaded")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, library: StudyLibrary) -> Iterator[Store]:
    """Raters who differ, some fast, some inattentive, one twice there, many at one address, one who withdrew."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('votes') / 'votes.sqlite3'}")
    rng = random.Random(7)
    for name in STUDIES:
        study = library.read(name)
        for number in range(RATERS[name]):
            rate(store, study, number, rng)
        gone = new_rater()
        store.cast(store.issue(draw(study, rater=gone, rng=rng)).id, rater=gone, choice=study.choices[0])
        events.withdraw(store, name, rater=gone)
        events.record(store, name, rater=new_rater(), kind="joined", details={"PROLIFIC_PID": SECRET})
    yield store
    store.close()


def rate(store: Store, study: Study, number: int, rng: random.Random) -> None:
    rater, past = new_rater(), []
    submissions = ("one", "two") if number == 3 else (str(number),)
    for submission in submissions:
        details = {"PROLIFIC_PID": f"{SECRET}-{number}", "SESSION_ID": submission, "session": submission}
        events.record(store, study.name, rater=rater, kind="joined", details=details)
    address = "here" if number % 2 else f"{number % 4}"
    for turn in range(rng.randint(5, 8)):
        more = {"exposure_ms": rng.choice([480, 490, 500])} if study.protocol == "timed" else {}
        ballot = draw(study, rater=rater, past=past, rng=rng, address=address, **more)
        if turn % 4 == 3 and study.session.attention:
            check = study.session.attention[0]
            ballot = draw_attention(study, check, rater=rater, past=past, rng=rng, address=address)
        past.append(store.issue(ballot))
        choice = "left" if number == 5 else answer(study, ballot, rng)
        if ballot.purpose == Purpose.ATTENTION:
            choice = MISSED[study.protocol] if number == 7 else str(ballot.expected)
        if choice not in study.choices:
            choice = MISSED[study.protocol]
        response_ms = {1: None, 2: 150}.get(number, rng.randint(500, 9_000))
        store.cast(ballot.id, rater=rater, choice=choice, response_ms=response_ms, reason="= written by hand")
    if number == 4:
        other = next(choice for choice in study.choices if choice != choice[0])
        store.cast(past[0].id, rater=rater, choice=other, response_ms=900, correct=True)


def answer(study: Study, ballot: Ballot, rng: random.Random) -> str:
    if rng.random() < 0.15 and study.answers:
        return rng.choice(study.answers)
    if study.pairwise:
        lead = STRENGTH[ballot.left] - STRENGTH[ballot.right] + rng.gauss(0, 2)
        return "left" if lead > 0 else "right"
    if study.protocol == "best_worst":
        looks = [STRENGTH[arm] + rng.gauss(0, 1.5) for arm in ballot.arms]
        return f"best_{looks.index(max(looks)) + 1}_worst_{looks.index(min(looks)) + 1}"
    return "real" if rng.random() < 0.2 + 0.3 * STRENGTH[ballot.left] else "fake"


@pytest.fixture(scope="module")
def analyses(library: StudyLibrary, store: Store) -> Analyses:
    return Analyses(library, store)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment that has numpy and scipy as they are installed here, and nothing else."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    for name in ("numpy", "scipy"):
        spec = util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        installed = Path(spec.origin).parent
        (packages / name).symlink_to(installed)
        libraries = installed.with_name(f"{name}.libs")
        if libraries.exists():
            (packages / libraries.name).symlink_to(libraries)
    return folder / "bin" / "python"


def unpacked(analysis: Analysis, store: Store, folder: Path, **options) -> Path:
    packed = archive.pack(archive.build(analysis, store, **options), "a-release")
    with zipfile.ZipFile(io.BytesIO(packed)) as archived:
        archived.extractall(folder)
    return folder / "a-release"


def run(python: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, "-I", "analysis.py"], cwd=folder, env={}, capture_output=True, text=True)


def test_the_bare_environment_has_neither_this_project_nor_pandas(bare: Path, tmp_path: Path):
    for name in ("pandas", "evalica", "sqlalchemy", "evaluation", "pip"):
        done = subprocess.run(
            [bare, "-I", "-c", f"import {name}"], cwd=tmp_path, env={}, capture_output=True, text=True
        )
        assert f"No module named '{name}'" in done.stderr


@pytest.mark.parametrize(
    ("name", "flagged"),
    [
        *(("pairs", False), ("pairs", True), ("loose", False), ("four", False), ("four", True)),
        *(("fakes", False), ("fakes", True), ("glance", False)),
    ],
)
def test_the_script_recomputes_every_number_in_a_bare_environment(
    bare: Path, analyses: Analyses, store: Store, tmp_path: Path, name: str, flagged: bool
):
    analysis = analyses.of(name, include_flagged=flagged)
    folder = unpacked(analysis, store, tmp_path)

    done = run(bare, folder)

    assert done.returncode == 0, done.stdout + done.stderr
    numbers = json.loads((folder / "published.json").read_text())["numbers"]
    assert done.stdout.splitlines()[-1] == f"{script.leaves(numbers)} published values, 0 differ"


def test_all_kinds_of_numbers_and_flags_are_in_the_fixture(analyses: Analyses):
    summary = analyses.of("pairs").summary
    reasons = {reason for flags in analyses.of("pairs").votes["flags"] for reason in flags.split(",") if reason}
    assert reasons >= {"too_fast", "failed_checks", "duplicate_participant", "shared_address"}
    assert summary.comparison is not None
    assert summary.comparison.standings[0].low is not None
    assert summary.comparison.with_flagged is not None
    assert summary.comparison.transitivity is not None
    assert summary.comparison.two_way is not None
    assert summary.items[0].low is not None
    assert summary.agreement.alpha is not None
    four = analyses.of("four").summary.comparison
    assert four is not None
    assert any(share.best for share in analyses.of("four").summary.items)
    assert (four.model, four.groups) == ("best_worst", [["real", "late", "early", "middle", "first"]])
    assert four.standings[0].low is not None
    assert four.with_flagged is not None
    assert four.half_width is not None
    assert {"low_skill", "one_sided"} & set(",".join(analyses.of("loose").votes["flags"]).split(","))
    for name in ("pairs", "four"):
        numbers = analyses.of(name).numbers
        assert numbers is not None
        assert not numbers.simulated
        assert numbers.correlations[1].kendall_low is not None
    for name, kind in (("fakes", "infinite"), ("glance", "timed")):
        realism = analyses.of(name).summary.realism
        assert realism is not None
        assert getattr(realism, kind)[0].low is not None


def test_the_published_digits_of_the_methods_are_those_that_the_script_computes(
    analyses: Analyses, store: Store, tmp_path: Path
):
    analysis = analyses.of("pairs")
    folder = unpacked(analysis, store, tmp_path)
    computed = script.recompute(folder)
    methods = (folder / "methods.txt").read_text()

    for arm in computed["comparison"]["ranking"]:
        title = analysis.title(arm["arm"])
        assert f"{title} {arm['score']:.0f} ({arm['low']:.0f} to {arm['high']:.0f}, rank " in methods

    alpha = computed["agreement"]
    assert f"alpha (nominal) was {alpha['alpha']:.2f} ({alpha['low']:.2f} to {alpha['high']:.2f})" in methods
    sides = computed["comparison"]["side_bias"]
    assert f"won {100 * sides['left']:.1f} % ({100 * sides['low']:.1f} to {100 * sides['high']:.1f} %)" in methods
    assert f"{computed['excluded']} votes were excluded" in methods


@pytest.mark.parametrize(("column", "before", "after"), [("choice", "left", "right"), ("response_ms", "", "200")])
def test_a_changed_vote_is_noticed(
    bare: Path, analyses: Analyses, store: Store, tmp_path: Path, column: str, before: str, after: str
):
    folder = unpacked(analyses.of("pairs"), store, tmp_path)
    with (folder / "votes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    changed = next(row for row in rows if row["purpose"] == "rating" and not row["flags"] and before in row[column])
    changed[column] = after
    with (folder / "votes.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)

    done = run(bare, folder)

    assert done.returncode == 1
    assert "published" in done.stdout
    assert not done.stdout.splitlines()[-1].endswith(" 0 differ")


def test_nothing_names_a_person(analyses: Analyses, store: Store):
    with store.reading() as connection:
        addresses = {"here"} | {row[0] for row in connection.exec_driver_sql("SELECT DISTINCT address FROM ballots")}
    files = archive.build(analyses.of("pairs"), store)
    everything = b"\n".join(content for path, content in files.items() if path not in ("analysis.py", "README.md"))
    assert SECRET.encode() not in everything
    assert store.key.encode() not in everything
    assert b"written by hand" not in everything
    labels = {row["address"] for row in table(files, "votes.csv")}
    assert labels.isdisjoint(addresses)
    assert all(re.fullmatch(r"address-\d+", label) for label in labels)
    assert b"'= written by hand" in archive.build(analyses.of("pairs"), store, reasons=True)["votes.csv"]


def test_participants_and_flow_tell_who_went_how_far(analyses: Analyses, store: Store):
    files = archive.build(analyses.of("pairs"), store)
    people, votes = table(files, "participants.csv"), table(files, "votes.csv")
    assert len(people) == RATERS["pairs"] + 1
    assert sum(int(person["votes"]) for person in people) == len(votes)
    assert {person["rater"] for person in people if int(person["votes"])} == {vote["rater"] for vote in votes}
    assert [person["rater"] for person in people if person["votes"] == "0"] == ["without-answer-1"]
    assert [person["submissions"] for person in people].count("2") == 1
    flow = json.loads(files["flow.json"])
    assert flow["withdrew"] == 1
    assert flow["began"] == RATERS["pairs"] + 1


def test_answers_to_questions_have_the_pseudonyms_of_the_other_tables(tmp_path: Path):
    """Nobody's own words are in it unless the owner asks; who never voted has the name of participants.csv."""
    library = StudyLibrary(shipped=FOLDER, uploaded=tmp_path)
    study = library.read("session-with-questions")
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    sessions = RatingSessions(store, study)
    done, sent_back = begin(sessions, PROLIFIC_PID="done"), begin(sessions, PROLIFIC_PID="sent-back")
    for rater, tries in ((done, [WRONG, RIGHT]), (sent_back, [WRONG, WRONG])):
        sessions.answer_questions(rater, {"drawing": "often"})
        sessions.instructed(rater)
        for number, answer in enumerate(tries, start=1):
            sessions.answer_questions(rater, {"try": str(number), "0": answer})
    answer_all(sessions, done)
    sessions.answer_questions(done, {"effort": "4", "age": "18 to 24", "comment": "=I am Anna"})
    events.record(store, study.name, rater=new_rater(), kind="joined")
    analysis = Analyses(library, store).of(study.name)

    files = archive.build(analysis, store)

    given = [
        [row[key] for key in ("rater", "part", "question", "answer", "right")] for row in table(files, "answers.csv")
    ]
    assert given == [
        [done, "before", "drawing", "often", ""],
        [done, "comprehension", "1", WRONG, "False"],
        [done, "comprehension", "1", RIGHT, "True"],
        ["without-answer-1", "before", "drawing", "often", ""],
        ["without-answer-1", "comprehension", "1", WRONG, "False"],
        ["without-answer-1", "comprehension", "1", WRONG, "False"],
        [done, "after", "effort", "4", ""],
        [done, "after", "age", "18 to 24", ""],
    ]
    people = [person["rater"] for person in table(files, "participants.csv")]
    assert people == [done, "without-answer-1", "without-answer-2"]
    assert b"Anna" not in b"".join(files.values())
    assert "'=I am Anna" in archive.build(analysis, store, reasons=True)["answers.csv"].decode()
    assert json.loads(files["flow.json"])["asked"]["not_understood"] == 1
    assert "1 failed 2 tries and was not let in (3 tries failed in all)" in files["methods.txt"].decode()
    assert "### answers.csv" in files["README.md"].decode()
    store.close()


def test_a_study_without_questions_has_no_file_of_answers(analyses: Analyses, store: Store):
    assert "answers.csv" not in archive.build(analyses.of("pairs"), store)


def test_pictures_and_weights_have_their_digests(
    library: StudyLibrary, analyses: Analyses, store: Store, engine: LocalEngine
):
    analysis = replace(
        analyses.of("pairs"), study=library.read("pairs").replaced(closes=datetime(2026, 1, 1, tzinfo=UTC))
    )
    gallery = Gallery(analysis.study)
    files = archive.build(analysis, store, draw=lambda arm, item: gallery.draw(arm, item, engine))
    rows = table(files, "pictures.csv")
    row = next(row for row in rows if row["arm"] == "late")
    picture = gallery.draw(analysis.study.arm("late"), row["item"], engine)
    assert row["sha256"] == hashlib.sha256(picture.tobytes()).hexdigest()
    assert sum(int(row["times"]) for row in rows) == 2 * len(analysis.votes)
    assert {row["arm"] for row in rows} == {"real", "late", "early"}
    assert len({row["sha256"] for row in rows}) == len(rows)
    for row in table(files, "weights.csv"):
        file = Path(__file__).parents[5] / "weights" / row["model"] / row["file"]
        assert row["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert [row["arm"] for row in table(files, "weights.csv")] == ["late", "early"]
    moved = {row["seed"]: row["drawn_from"] for row in table(files, "seeds.csv")}
    assert moved == {seed: str(Seeds.of(analysis.study, store.key).drawn(int(seed))) for seed in map(str, range(6))}
    assert "seeds.csv" not in archive.build(analyses.of("pairs"), store)  # the study is open


def test_all_four_pictures_of_an_answer_are_listed(analyses: Analyses, store: Store):
    analysis = analyses.of("four")
    rows = table(archive.build(analysis, store), "pictures.csv")
    assert sum(int(row["times"]) for row in rows) == 4 * len(analysis.votes)
    assert {row["arm"] for row in rows} == {arm.id for arm in analysis.study.arms}


def test_the_methods_of_four_pictures_name_their_design_and_their_intervals(analyses: Analyses, store: Store):
    text = archive.build(analyses.of("four"), store)["methods.txt"].decode()
    assert "sequential best-worst model (Marley & Louviere, 2005)" in text
    assert "The four pictures of a question came from the arms that the rater had seen least" in text
    assert "All four came from the same seed or photo." in text
    assert "dependent, with Student's t" in text
    assert "score intervals" not in text


def test_no_digest_names_an_arm_while_raters_may_vote(analyses: Analyses, store: Store, engine: LocalEngine):
    analysis = analyses.of("pairs")
    assert analysis.study.state() == "open"
    gallery = Gallery(analysis.study)
    files = archive.build(analysis, store, draw=lambda arm, item: gallery.draw(arm, item, engine))
    assert {row["sha256"] for row in table(files, "pictures.csv")} == {""}


def test_the_card_describes_every_file_and_every_column(analyses: Analyses, store: Store):
    files = archive.build(analyses.of("pairs"), store, licence="cc-by-4.0")
    _, front, text = files["README.md"].decode().split("---\n", 2)
    metadata = yaml.safe_load(front)
    assert metadata["license"] == "cc-by-4.0"
    assert {config["data_files"] for config in metadata["configs"]} == {path for path in files if path.endswith(".csv")}
    for path in files:
        if path != "README.md":
            assert f"| `{path.split('/')[0]}{'/' if '/' in path else ''}` |" in text
    for name in (path for path in files if path.endswith(".csv")):
        header = files[name].decode().splitlines()[0].split(",")
        section = text.split(f"### {name}\n")[1].split("\n### ")[0]
        assert re.findall(r"^\| `(\w+)` \| .+ \|$", section, re.M) == header


def test_the_sums_fit_and_the_zip_is_the_same_again(analyses: Analyses, store: Store, tmp_path: Path):
    analysis = analyses.of("loose")
    folder = unpacked(analysis, store, tmp_path)
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=True)
    files = archive.build(analysis, store)
    assert archive.pack(files, "x") == archive.pack(dict(reversed(files.items())), "x")
    assert {path.name for path in (folder / "figures").iterdir()} >= {"intervals.svg", "win-rates.svg"}


def test_the_script_reads_what_a_reviewer_reads(analyses: Analyses, store: Store):
    """The shipped script is the module of this package, and imports nothing but the standard library, numpy, scipy."""
    shipped = archive.build(analyses.of("glance"), store)["analysis.py"].decode()
    imported = set(re.findall(r"^(?:from|import) (\w+)", shipped, re.M))
    assert imported - set(sys.stdlib_module_names) == {"numpy", "scipy"}


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))
