"""Databases of any age become today's at the start, and keep what they hold."""

import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from evaluation.qualitative.ballot import Choice, Purpose, UsedBallotError, rater_id
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.session.stages import InvalidLinkError
from evaluation.qualitative.store import events
from evaluation.qualitative.store.database import MIGRATIONS, connect, metadata, writing
from evaluation.qualitative.store.store import Store
from tests.support.sessions import paper
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
    rater = rater_id(store.key, "digits", "somebody-of-the-past")

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


STUDY = "digits-by-training-step"
KEY = "0f" * 32
PAID = "p-" + hmac.new(bytes.fromhex(KEY), f"{STUDY}\n5f2a9c".encode(), hashlib.sha256).hexdigest()[:40]
SECRETS = ("somebody-of-the-past", PAID, "gone-and-forgotten-0")
# As the version before stored sessions: with the secrets of its raters, and a participant's id as one of them.
SESSIONS = """
INSERT INTO settings VALUES ('key', '{key}');
INSERT INTO ballots (id, study, rater, "left", "right", left_seed, right_seed,
	pair_probability, issued_at, position) VALUES
	('mine', '{study}', 'somebody-of-the-past', 'real', 'step-500', 1, 2, 0.1, '{moment}', 0),
	('paid', '{study}', '{paid}', 'real', 'step-500', 1, 2, 0.1, '{moment}', 0);
INSERT INTO votes (ballot_id, choice, cast_at) VALUES ('mine', 'left', '{moment}'), ('paid', 'tie', '{moment}');
INSERT INTO events (study, rater, kind, details, at) VALUES
	('{study}', '{paid}', 'joined', '{{"PROLIFIC_PID": "5f2a9c", "SESSION_ID": "se-1"}}', '{moment}'),
	('{study}', '{paid}', 'consented', '{{}}', '{moment}');
INSERT INTO withdrawals VALUES ('{study}', 'gone-and-forgotten-0', '{moment}');
"""


@pytest.fixture
def url_before_rater_ids(database_url: str) -> str:
    engine = connect(database_url)
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "2")
        moment = TYPES[engine.dialect.name]["moment"]
        for statement in SESSIONS.format(key=KEY, study=STUDY, paid=PAID, moment=moment).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    return database_url


def test_raters_of_the_version_before_keep_their_votes_and_their_pseudonyms(url_before_rater_ids: str):
    store = Store(url_before_rater_ids)

    names = [f"mirror\n{STUDY}\n{secret}".encode() for secret in SECRETS[:2]]
    pseudonyms = [f"rater:{hmac.new(bytes.fromhex(KEY), name, hashlib.sha256).hexdigest()[:32]}" for name in names]
    assert list(store.results(STUDY)["rater"]) == pseudonyms, "as the exports and the mirror of before have them"
    assert store.key == KEY
    assert events.facts(store, STUDY, rater=rater_id(KEY, STUDY, "gone-and-forgotten-0"))[0]
    store.close()


def test_a_session_of_the_version_before_goes_on_in_its_browser_and_in_no_other(url_before_rater_ids: str):
    store = Store(url_before_rater_ids)
    sessions, link = RatingSessions(store, paper()), {"PROLIFIC_PID": "5f2a9c", "SESSION_ID": "se-1"}

    participant = sessions.join(PAID, query=link)  # the page kept the id that the server sent
    with pytest.raises(InvalidLinkError, match="begun in another browser"):
        sessions.join(query=link)

    assert (participant.rater, participant.returned) == (rater_id(KEY, STUDY, PAID), True)
    withdrawn, happened, [record] = events.facts(store, STUDY, rater=participant.rater)
    assert (withdrawn, record.ballot.id) == (False, "paid")
    assert [(event.kind, event.details) for event in happened] == [
        ("joined", {"participant": "5f2a9c", "session": "se-1"}),
        ("consented", {}),
    ]
    store.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # PostgreSQL's server keeps files of its own
def test_no_file_keeps_a_secret_of_the_version_before(url_before_rater_ids: str):
    database = Path(url_before_rater_ids.removeprefix("sqlite:///"))
    assert all(secret.encode() in database.read_bytes() for secret in SECRETS)

    Store(url_before_rater_ids).close()

    files = [path for path in database.parent.iterdir() if path.name.startswith(database.name)]
    kept = b"".join(path.read_bytes() for path in files)
    assert not [secret for secret in SECRETS if secret.encode() in kept]
    assert STUDY.encode() in kept
