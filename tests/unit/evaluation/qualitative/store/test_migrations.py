"""Databases of any age become today's at the start, and keep what they hold."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from evaluation.qualitative.ballot import Choice, Purpose, UsedBallotError
from evaluation.qualitative.store.database import connect, metadata
from evaluation.qualitative.store.store import Store
from tests.support.votes import unanswered

# As the first released store made them, by SQLAlchemy's own CREATE TABLE.
TWO_TABLES = """
CREATE TABLE ballots (
	id VARCHAR(64) NOT NULL,
	study VARCHAR(64) NOT NULL,
	rater VARCHAR(64) NOT NULL,
	"left" VARCHAR(64) NOT NULL,
	"right" VARCHAR(64) NOT NULL,
	left_seed BIGINT NOT NULL,
	right_seed BIGINT NOT NULL,
	pair_probability {double} NOT NULL,
	issued_at {timestamp} NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ballots_by_rater ON ballots (study, rater, issued_at);
CREATE TABLE votes (
	id {serial} NOT NULL,
	ballot_id VARCHAR(64) NOT NULL,
	choice VARCHAR(16) NOT NULL,
	response_ms INTEGER,
	cast_at {timestamp} NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (ballot_id),
	FOREIGN KEY(ballot_id) REFERENCES ballots (id)
);
INSERT INTO ballots VALUES
	('first', 'digits', 'somebody-of-the-past', 'real', 'step-500', 1, 4294967295, 0.047619047619047616, '{moment}'),
	('second', 'digits', 'somebody-of-the-past', 'step-500', 'real', 2, 3, 0.047619047619047616, '{moment}');
INSERT INTO votes (ballot_id, choice, response_ms, cast_at) VALUES ('first', 'left', 1234, '{moment}');
"""
TYPES = {
    "sqlite": {
        "timestamp": "DATETIME",
        "serial": "INTEGER",
        "double": "DOUBLE",
        "moment": "2026-11-20 10:11:12.131415",
    },
    "postgresql": {
        "timestamp": "TIMESTAMP WITH TIME ZONE",
        "serial": "SERIAL",
        "double": "DOUBLE PRECISION",
        "moment": "2026-11-20 10:11:12.131415+00",
    },
}


@pytest.fixture
def old_url(database_url: str) -> str:
    engine = connect(database_url)
    with engine.begin() as connection:
        for statement in TWO_TABLES.format(**TYPES[engine.dialect.name]).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    return database_url


def test_a_database_of_two_tables_is_brought_up_to_date_without_loss(old_url: str):
    store = Store(old_url)

    (vote,) = store.results("digits").to_dict("records")
    assert {
        name: vote[name] for name in ("ballot", "left", "right", "choice", "response_ms", "left_seed", "right_seed")
    } == {
        "ballot": "first",
        "left": "real",
        "right": "step-500",
        "choice": "left",
        "response_ms": 1234,
        "left_seed": 1,
        "right_seed": 4294967295,
    }
    assert (vote["purpose"], vote["reason"], vote["revision"]) == ("rating", "", 0)
    assert f"{vote['cast_at']:%Y-%m-%d %H:%M:%S.%f %Z}" == "2026-11-20 10:11:12.131415 UTC"
    store.close()


def test_votes_go_on_in_a_database_of_two_tables(old_url: str):
    store = Store(old_url)
    rater = "somebody-of-the-past"

    [waiting] = unanswered(store, "digits", rater=rater)
    assert (waiting.id, waiting.purpose, waiting.expires_at) == ("second", Purpose.RATING, None)
    store.cast("second", rater=rater, choice="tie")
    assert store.cast("first", rater=rater, choice="left").already_counted
    with pytest.raises(UsedBallotError):
        store.cast("first", rater=rater, choice="right")

    assert store.pair_counts("digits") == {
        ("real", "step-500", Choice.LEFT): 1,
        ("step-500", "real", Choice.TIE): 1,
    }
    store.close()


def test_a_second_start_changes_nothing(old_url: str):
    first = Store(old_url)
    before = first.results("digits")
    first.close()

    second = Store(old_url)

    assert second.results("digits").equals(before)
    second.close()


def test_starters_at_once_upgrade_once(old_url: str):
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(Store, [old_url] * 4))

    assert [store.count("digits") for store in stores] == [1] * 4
    assert len({store.key for store in stores}) == 1
    for store in stores:
        store.close()


@pytest.mark.parametrize("age", ["new", "old"])
def test_the_steps_lead_to_the_tables_that_the_code_expects(
    age: str, request: pytest.FixtureRequest, database_url: str
):
    if age == "old":
        request.getfixturevalue("old_url")
    Store(database_url).close()

    engine = connect(database_url)
    inspector = sa.inspect(engine)
    for table in metadata.sorted_tables:
        columns = {column["name"]: column for column in inspector.get_columns(table.name)}
        assert {name: column["nullable"] for name, column in columns.items()} == {
            column.name: column.nullable for column in table.c
        }
        assert {name: column["type"].compile(engine.dialect) for name, column in columns.items()} == {
            column.name: column.type.compile(engine.dialect) for column in table.c
        }
        assert {index["name"] for index in inspector.get_indexes(table.name)} >= {index.name for index in table.indexes}
    (once,) = inspector.get_unique_constraints("votes")
    assert once["column_names"] == ["ballot_id", "revision"]
    engine.dispose()
