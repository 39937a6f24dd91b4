"""A database that is missing, damaged, foreign, read-only, full or out of reach."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, InterfaceError, OperationalError

from interviewprep.database import problem_of_file
from questions.models import Question
from tests.factories import make_question
from tests.layer import Site


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """An SQLite database with the tables of the site, in no one's use."""
    path = tmp_path_factory.mktemp("database") / "db.sqlite3"
    assert manage("migrate", path).returncode == 0
    return path


def manage(command, path):
    environment = {
        "SECRET_KEY": settings.SECRET_KEY,
        "DATABASE_URL": f"sqlite:///{path}",
        "PATH": "/usr/bin:/bin",
        "PORT": "8999",
    }
    command = [sys.executable, "manage.py", *command.split()]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def foreign(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE recipes (name)")
        database.commit()


DAMAGES = {
    "garbage": lambda path, whole: path.write_bytes(b"not a database" * 1000),
    "cut": lambda path, whole: path.write_bytes(whole[: len(whole) // 2]),
    "cut at a page": lambda path, whole: path.write_bytes(whole[: len(whole) // 8192 * 4096]),
    "overwritten": lambda path, whole: path.write_bytes(whole[:4096] + b"\x55" * (len(whole) - 4096)),
    "foreign": lambda path, whole: foreign(path),
}
SENTENCES = {"foreign": "another application's"}


@pytest.mark.parametrize("command", ["prepare", "serve"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_foreign_file_stops_the_start_in_one_line_and_is_not_touched(
    prepared, tmp_path, damage, command
):
    path = tmp_path / "db.sqlite3"
    DAMAGES[damage](path, prepared.read_bytes())
    before = path.read_bytes()
    result = manage(command, path)
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert SENTENCES.get(damage, "damaged") in result.stderr
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_serve_makes_no_database(tmp_path):
    result = manage("serve", tmp_path / "db.sqlite3")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "missing" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_prepare_makes_none_in_place_of_one_that_was_lost(tmp_path):
    backup = tmp_path / "backups" / "db-20260101T000000Z.sqlite3"
    backup.parent.mkdir()
    backup.touch()
    result = manage("prepare", tmp_path / "db.sqlite3")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert f"does not exist, but there is {backup}" in result.stderr
    assert list(tmp_path.iterdir()) == [backup.parent]


def test_prepare_makes_none_where_one_is_expected(tmp_path):
    result = manage("prepare --existing", tmp_path / "db.sqlite3")
    assert (result.returncode, list(tmp_path.iterdir())) == (1, [])


@pytest.mark.parametrize("command", ["importbank {file}", "exportbank {file}", "loadbank"])
def test_commands_say_that_the_database_is_not_prepared(tmp_path, command):
    file = tmp_path / "questions.md"
    file.write_text("# Page\n\n## What is recall?\n\nA share.\n")
    result = manage(command.format(file=file), tmp_path / "db.sqlite3")
    assert result.returncode == 1
    assert result.stderr == "The database is not prepared: run “manage.py prepare”.\n"


def test_a_start_that_was_interrupted_is_taken_up(prepared, tmp_path):
    path = tmp_path / "db.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE django_migrations (id integer, app text, name text, applied datetime)")
        database.execute("INSERT INTO django_migrations VALUES (1, 'contenttypes', '0001_initial', '')")
        database.commit()
    assert "not prepared" in problem_of_file(path)


def test_a_sound_file_has_no_problem_while_somebody_writes(prepared):
    with closing(sqlite3.connect(prepared, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert problem_of_file(prepared, thorough=True) == ""
        writer.execute("ROLLBACK")


# While the site runs


@pytest.fixture
def failing(client, db, monkeypatch):
    """What asks for a page while the database raises an error."""
    make_question(text="Shown?")
    client.raise_request_exception = False

    def ask(error, cause=None):
        def fail(*args, **kwargs):
            raise error from cause

        monkeypatch.setattr(Question.objects, "published", fail)
        return client.get("/questions/shown/")

    return ask


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_a_database_out_of_reach_is_a_calm_page(failing, error):
    page = failing(error("gone"))
    assert (page.status_code, page.headers["Retry-After"]) == (503, "10")
    assert "cannot reach its data" in page.content.decode()


def test_a_full_disk_has_a_page_of_its_own(failing, tmp_path):
    with closing(sqlite3.connect(tmp_path / "full.sqlite3")) as database:
        database.execute("PRAGMA max_page_count = 2")
        database.execute("CREATE TABLE t (a)")
        with pytest.raises(sqlite3.OperationalError) as full:
            database.execute("INSERT INTO t VALUES (zeroblob(100000))")
    page = failing(OperationalError("database or disk is full"), full.value)
    assert page.status_code == 507
    assert "The disk of this site is full" in page.content.decode()


def test_an_error_of_ours_stays_one(failing):
    assert failing(ValueError("broken")).status_code == 500


@pytest.mark.usefixtures("connection_of_the_test")
class TestReadiness:
    def test_a_probe_knows_only_the_number_of_the_host(self, db):
        site = Site(get_wsgi_application())
        for path in ("/healthz", "/readyz"):
            assert site.ask(path, host="10.0.0.7:8000").body == b"ok\n"

    def test_it_says_what_is_wrong(self, monkeypatch, caplog):
        monkeypatch.setattr("interviewprep.database.problem", lambda _connection: "The database is missing.")
        answer = Site().ask("/readyz")
        assert (answer.status, answer.body) == (503, b"The database is missing.\n")
        assert answer.headers["Retry-After"] == "5"
        assert "The database is missing" in caplog.text

    def test_a_flood_of_probes_asks_the_database_once_a_second(self, monkeypatch):
        asked = []
        monkeypatch.setattr("interviewprep.database.problem", lambda _connection: asked.append(1) or "")
        site = Site()
        for _probe in range(100):
            site.ask("/readyz")
        assert len(asked) <= 2
