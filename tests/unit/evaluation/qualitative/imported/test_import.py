"""Votes from elsewhere: every column and word can be mapped, every fault has its line, and all or none are stored."""

from pathlib import Path

import pytest

from evaluation.qualitative.ballot import new_rater
from evaluation.qualitative.imported.mark import imported
from evaluation.qualitative.imported.reading import ImportedVote, TableError, read
from evaluation.qualitative.imported.storing import store_votes
from evaluation.qualitative.release.paragraph import paragraph
from evaluation.qualitative.results.cached import Analyses
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.rebuild import rebuild
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading
from evaluation.qualitative.study.library import StudyLibrary

DIGITS = reading.read("digits-by-training-step")
FAKES = reading.read("digits-real-or-fake")
FOUR = reading.read("digits-best-of-four")
SET = "real,step-500,step-1000,step-2000"
PLAIN = b"""rater,left,right,choice,item,response_ms,cast_at
ann,real,step-500,left,7,1200,2026-03-01T09:00:00Z
bob,step-500,real,right,7,900,2026-03-01T09:01:00+02:00
ann,step-500,real,tie,8,,
"""
OTHER = """Worker;A;B;Winner\r
w 1;Real digits (MNIST);After 500 steps;Real digits (MNIST)\r
w 2;After 500 steps;Real digits (MNIST);B\r
w 2;After 500 steps;Real digits (MNIST);No difference\r
""".encode("utf-8-sig")


def titles() -> dict[str, str]:
    return {arm.id: arm.title for arm in DIGITS.arms}


def of_four(header: str, *answers: str) -> bytes:
    rows = "".join(f"r{i % 9},{SET},{answer}\n" for i, answer in enumerate(answers))
    return f"rater,left,right,third,fourth,{header}\n{rows}".encode()


def test_a_plain_table_is_read():
    votes = read(PLAIN, DIGITS)
    assert [(vote.line, vote.rater, vote.left, vote.right, vote.choice, vote.item) for vote in votes] == [
        (2, "ann", "real", "step-500", "left", "7"),
        (3, "bob", "step-500", "real", "right", "7"),
        (4, "ann", "step-500", "real", "tie", "8"),
    ]
    assert [vote.response_ms for vote in votes] == [1200, 900, None]
    assert votes[1].cast_at is not None
    assert votes[1].cast_at.isoformat() == "2026-03-01T07:01:00+00:00"
    assert votes[2].cast_at is None


def test_columns_arms_and_answers_of_another_tool_are_mapped():
    content = OTHER.decode("utf-8-sig")
    for arm, title in (("real", "Real digits (MNIST)"), ("step-500", "After 500 steps")):
        content = content.replace(title, titles()[arm])
    votes = read(
        content.encode("utf-8-sig"),
        DIGITS,
        columns={"rater": "Worker", "left": "A", "right": "B", "choice": "Winner"},
        choices={"B": "right", "No difference": "tie"},
    )
    assert [(vote.left, vote.right, vote.choice) for vote in votes] == [
        ("real", "step-500", "left"),
        ("step-500", "real", "right"),
        ("step-500", "real", "tie"),
    ]
    words = read(b"rater,left,right,choice\na,MNIST,gan,Left\n", DIGITS, arms={"MNIST": "real", "gan": "step-500"})
    assert (words[0].left, words[0].right, words[0].choice) == ("real", "step-500", "left")


def test_a_table_of_single_pictures_needs_no_right():
    arm = FAKES.competing[0].id
    votes = read(f"rater,left,choice\na,{arm},fake\n".encode(), FAKES)
    assert (votes[0].right, votes[0].choice) == ("", "fake")


@pytest.mark.parametrize(
    ("header", "answer", "expected"),
    [
        ("choice", "best_1_worst_4", "best_1_worst_4"),
        ("choice", "Best 2 worst 1", "best_2_worst_1"),
        ("choice", "skip", "skip"),
        ("best,worst", "step-1000,real", "best_3_worst_1"),
        ("best,worst", "4,1", "best_4_worst_1"),
        ("worst,choice,best", "After 500 steps,,real", "best_1_worst_2"),
        ("best,worst,choice", ",,skip", "skip"),
    ],
)
def test_a_table_of_four_pictures_names_best_and_worst_by_arm_or_by_place(header: str, answer: str, expected: str):
    content = of_four(header, answer).replace(b"After 500 steps", FOUR.arm("step-500").title.replace(",", " ").encode())
    words = {FOUR.arm("step-500").title.replace(",", " "): "step-500"}
    (vote,) = read(content, FOUR, arms=words)
    assert vote.arms == tuple(SET.split(","))
    assert vote.choice == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"rater,left,right,choice\n", "line 1: there is no column 'third' for third"),
        (b"rater,left,right,third,fourth\n", "line 1: there is no column 'choice'"),
        (b"rater,left,right,third,fourth,best\n", "line 1: there is no column 'worst'"),
        (b"rater,left,right,third,fourth,choice\na,real,step-500,real,step-2000,skip\n", "two pictures are of 'real'"),
        (of_four("choice", "real"), "line 2: choice is 'real', which is no answer"),
        (of_four("best,worst", "real,1"), "line 2: the best and the worst are both 'real'"),
        (of_four("best,worst", "real,"), "line 2: worst is ''; it should be one of the four arms"),
        (of_four("best,worst", "step-20000,1"), "line 2: best is 'step-20000'; it should be one of the four arms"),
        (of_four("best,worst", ","), "line 2: there is neither a best nor a worst picture"),
    ],
)
def test_every_fault_of_a_table_of_four_pictures_has_its_line(content: bytes, expected: str):
    with pytest.raises(TableError) as fault:
        read(content, FOUR)
    assert expected in str(fault.value)


def test_imported_answers_about_four_pictures_are_ranked_like_all(store: Store):
    answers = [f"best_{1 if i % 5 else 2}_worst_{4 if i % 3 else 3}" for i in range(90)]
    content = of_four("item,choice", *(f"7,{answer}" for answer in answers))
    assert store_votes(store, FOUR, read(content, FOUR), content) == 90

    analysis = Analyses(StudyLibrary(), store).of(FOUR.name)
    comparison = analysis.summary.comparison
    assert comparison is not None
    assert (comparison.model, comparison.votes, comparison.raters) == ("best_worst", 90, 9)
    assert [arm.arm for arm in comparison.standings if arm.score is not None] == SET.split(",")
    assert analysis.votes["third"].unique().tolist() == ["step-1000"]
    assert analysis.votes["fourth_seed"].unique().tolist() == [7]
    assert imported(analysis.votes) == 90


def test_columns_of_four_pictures_are_ignored_where_there_are_two():
    (vote,) = read(b"rater,left,right,choice,best,third\na,real,step-500,left,me,me\n", DIGITS)
    assert (vote.choice, vote.arms) == ("left", ("real", "step-500"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "line 1: there is no column 'rater'"),
        (b"rater,left,choice\n", "line 1: there is no column 'right' for right"),
        (b"rater,rater,left,right,choice\n", "line 1: there are two columns 'rater'"),
        (b"rater,left,right,choice\n", "a header and no votes"),
        (
            b"rater,left,right,choice\na,real,step-500,left\na,real,other,left\n",
            "line 3: right is 'other', which is no arm",
        ),
        (b"rater,left,right,choice\na,real,step-500,middle\n", "line 2: choice is 'middle', which is no answer"),
        (b"rater,left,right,choice\na,real,step-500,real_or\n", "line 2: choice is 'real_or'"),
        (b"rater,left,right,choice\na,real,real,left\n", "line 2: both pictures are of 'real'"),
        (b"rater,left,right,choice\n,real,step-500,left\n", "line 2: the rater should have 1 to 200 characters"),
        (b"rater,left,right,choice\na,real,step-500\n", "line 2: 3 cells, the header has 4"),
        (b"rater,left,right,choice\na,real,step-500,left,x\n", "line 2: 5 cells, the header has 4"),
        (b'rater,left,right,choice\n"a,real\n', "line "),
        (b"rater,left,right,choice\na,real,step-500,left\n\xff,real,step-500,left\n", "line 3: this is not UTF-8"),
        (b"rater,left,right,choice,response_ms\na,real,step-500,left,fast\n", "line 2: response_ms is 'fast'"),
        (b"rater,left,right,choice,response_ms\na,real,step-500,left,-1\n", "line 2: response_ms is '-1'"),
        (b"rater,left,right,choice,response_ms\na,real,step-500,left,nan\n", "line 2: response_ms is 'nan'"),
        (b"rater,left,right,choice,cast_at\na,real,step-500,left,May\n", "line 2: cast_at is 'May'"),
        (
            b"rater,left,right,choice,cast_at\na,real,step-500,left,2999-01-01\n",
            "line 2: cast_at is '2999-01-01', which is in",
        ),
        (b"rater,left,right,choice,item\na,real,step-500,left,\x00\n", "line 2: the item should be plain text"),
    ],
)
def test_every_fault_has_its_line(content: bytes, expected: str):
    with pytest.raises(TableError) as fault:
        read(content, DIGITS, name="votes.csv")
    assert expected in str(fault.value)


def test_the_line_is_that_of_the_file_where_cells_have_several():
    content = b'rater,left,right,choice,reason\na,real,step-500,left,"two\nlines"\na,real,nobody,left,\n'
    with pytest.raises(TableError, match=r"votes\.csv, line 4: right is 'nobody'"):
        read(content, DIGITS, name="votes.csv")


def test_several_faults_come_together_and_not_without_end():
    content = b"rater,left,right,choice\n" + b"a,real,nobody,left\n" * 50
    with pytest.raises(TableError) as fault:
        read(content, DIGITS, name="votes.csv")
    lines = str(fault.value).splitlines()
    assert len(lines) == 11
    assert lines[9].startswith("votes.csv, line 11:")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"columns": {"voter": "rater"}}, "there is no field 'voter'"),
        ({"columns": {"item": "prompt"}}, "there is no column 'prompt' for item"),
        ({"arms": {"x": "nobody"}}, "'x' should be an arm of digits-by-training-step"),
        ({"choices": {"x": "nothing"}}, "'x' should be an answer of digits-by-training-step"),
    ],
)
def test_a_wrong_mapping_is_refused(options: dict, expected: str):
    with pytest.raises(TableError) as fault:
        read(PLAIN, DIGITS, **options)
    assert expected in str(fault.value)


def test_imported_votes_are_analysed_like_all_and_marked(store: Store):
    rows = "".join(f"r{i % 9},real,step-500,{'left' if i % 4 else 'right'}\n" for i in range(90))
    content = f"rater,left,right,choice\n{rows}".encode()
    assert store_votes(store, DIGITS, read(content, DIGITS), content) == 90

    analysis = Analyses(StudyLibrary(), store).of(DIGITS.name)
    summary = analysis.summary
    assert (summary.votes, summary.raters, imported(analysis.votes)) == (90, 9, 90)
    assert summary.comparison is not None
    assert summary.comparison.standings[0].arm == "real"
    assert summary.comparison.standings[0].low is not None
    assert set(analysis.votes["flags"]) == {""}  # nothing is known about the time of the look
    text = paragraph(store, analysis)
    assert "90 answers were cast elsewhere and imported from a file" in text
    assert "Pairs were drawn" not in text  # nobody here knows how
    assert "Sides were" not in text
    assert not any(f"r{i}" == rater for i in range(9) for rater in analysis.votes["rater"])


def test_votes_of_both_kinds_are_told_apart(store: Store):
    ballot = store.issue(draw(DIGITS, rater=new_rater()))
    store.cast(ballot.id, rater=ballot.rater, choice="left", response_ms=900)
    store_votes(store, DIGITS, read(PLAIN, DIGITS), PLAIN)

    text = paragraph(store, Analyses(StudyLibrary(), store).of(DIGITS.name))

    assert "3 answers were cast elsewhere" in text
    assert "Pairs were drawn" in text
    assert "holds for the other answers" in text


def test_the_order_and_the_times_of_the_table_stay(store: Store):
    store_votes(store, DIGITS, read(PLAIN, DIGITS), PLAIN)
    votes = store.results(DIGITS.name)
    assert votes["choice"].tolist() == ["left", "right", "tie"]
    assert votes["cast_at"][0].isoformat() == "2026-03-01T09:00:00+00:00"
    assert votes["rater"][0] == votes["rater"][2] != votes["rater"][1]
    assert votes["item"].tolist() == ["7", "7", "8"]


def test_a_file_is_imported_once(store: Store):
    store_votes(store, DIGITS, read(PLAIN, DIGITS), PLAIN)
    with pytest.raises(TableError, match="was imported into digits-by-training-step before"):
        store_votes(store, DIGITS, read(PLAIN, DIGITS), PLAIN)
    assert store.count(DIGITS.name) == 3


def test_nothing_is_stored_where_the_database_refuses_one_vote(store: Store):
    votes = read(PLAIN, DIGITS)
    twice: list[ImportedVote] = [*votes, votes[0]]  # the same line again: its ballot is there already
    with pytest.raises(StoreUnavailableError):
        store_votes(store, DIGITS, twice, PLAIN)
    assert store.count(DIGITS.name) == 0
    assert store_votes(store, DIGITS, votes, PLAIN) == 3


def test_the_journal_brings_imported_votes_back(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    store_votes(store, DIGITS, read(PLAIN, DIGITS), PLAIN)
    expected = store.results(DIGITS.name)
    assert store.journal is not None
    rebuild([store.journal.path], f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")
    again = Store(f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")
    assert again.results(DIGITS.name).equals(expected)
    store.close()
    again.close()
