"""`manage.py backup` and `restore`, on databases of their own of the kind that the suite runs on."""

import hashlib
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import uuid
import zipfile
from collections import namedtuple
from contextlib import closing, contextmanager, suppress
from functools import partial
from itertools import count
from pathlib import Path
from threading import Event, Thread
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction

from interviewprep.backups import postgresql, sqlite
from questions.models import Question
from tests.factories import make_question, make_role

IS_SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
KIND = sqlite if IS_SQLITE else postgresql
only_sqlite = pytest.mark.needs("sqlite")  # a fault of its file
only_postgresql = pytest.mark.needs("postgresql")  # about its programs
MANAGE = [sys.executable, str(settings.BASE_DIR / "manage.py")]


class Database:
    """A database of the suite's kind, in a folder of its own."""

    def __init__(self, folder, template=None):
        self.folder = folder
        if IS_SQLITE:
            self.name = str(folder / "bank.sqlite3")
            self.url = f"sqlite:///{self.name}"
            if template:
                shutil.copy(template.name, self.name)
        else:
            self.name = f"backup_{uuid.uuid4().hex}"
            self.url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{self.name}"
            on_server(f"CREATE DATABASE {self.name}" + (f" TEMPLATE {template.name}" if template else ""))

    def drop(self):
        if not IS_SQLITE:
            on_server(f"DROP DATABASE {self.name} WITH (FORCE)")

    @contextmanager
    def as_default(self):
        """Let this process, which the tests otherwise keep from databases, use it as the site's."""
        before = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = before.copy()
        connections[DEFAULT_DB_ALIAS].settings_dict["NAME"] = self.name
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS].close()
            connections[DEFAULT_DB_ALIAS] = before

    def environment(self, **others):
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "interviewprep.settings",
            "DATABASE_URL": self.url,
            **others,
        }

    def start(self, *command, **environment):
        """`manage.py` with `command`, as a process of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [*MANAGE, *map(str, command)]
        return subprocess.Popen(command, env=self.environment(**environment), **pipes)


def on_server(sql):
    server = connections[DEFAULT_DB_ALIAS].copy()
    server.settings_dict["NAME"] = "postgres"
    with closing(server), server.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture(scope="module")
def _prepared(tmp_path_factory, django_db_blocker):
    """A database with a published question in a role."""
    with django_db_blocker.unblock():
        database = Database(tmp_path_factory.mktemp("prepared"))
        with database.as_default():
            call_command("migrate", interactive=False, verbosity=0)
            role = make_role(slug="baker")
            make_question(roles=[role], slug="flour", text="Which flour?", difficulty="easy")
        yield database
        database.drop()


@pytest.fixture
def site(_prepared, tmp_path, django_db_blocker):
    """The database of the site, with what is in the prepared one."""
    with django_db_blocker.unblock():
        database = Database(tmp_path, _prepared)
        with database.as_default():
            yield database
        database.drop()


@pytest.fixture(scope="module")
def _made(_prepared, django_db_blocker):
    """A backup of the prepared database."""
    path = _prepared.folder / "made.zip"
    with django_db_blocker.unblock(), _prepared.as_default():
        backup(path)
    return path


@pytest.fixture
def made(_made, site, tmp_path):
    """A backup of the site's database, to be changed."""
    return shutil.copy(_made, tmp_path / "a.zip")


@pytest.fixture
def empty(tmp_path_factory, site):
    """Another database, without a table; with SQLite, without a file."""
    database = Database(tmp_path_factory.mktemp("empty"))
    yield database
    database.drop()


def backup(*arguments, **options):
    return run("backup", *arguments, **options)


def restore(path, folder, **options):
    return run("restore", path, interactive=False, keep_in=folder, **options)


def run(*command, **options):
    output = io.StringIO()
    try:
        call_command(*command, stdout=output, **options)
    finally:
        connection.close()
    return output.getvalue()


def kept_in(output):
    """The path at which a restore says that the state before is."""
    return Path(re.search(r"The state before is in (.+)\.$", output, re.MULTILINE)[1])


def refusal(*command, **options):
    """The one line with which a command stops."""
    with pytest.raises(CommandError) as error:
        run(*command, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def state():
    """Every row of every table, but for the content version, which no restore takes back."""
    rows = {}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names(cursor)) - {"questions_contentversion"}:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
    connection.close()
    return rows


def content_version():
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM questions_contentversion")
        [[number]] = cursor.fetchall()
    connection.close()
    return number


def ask_for(difficulty):
    """Change the question, in a change set as a curator does."""
    question = Question.objects.get(slug="flour")
    question.difficulty = difficulty
    question.save()
    connection.close()


def rewritten(path, **changes):
    """Write the manifest of a backup anew, and the checksum with it, as another release might have."""
    with zipfile.ZipFile(path) as archive:
        manifest, database = json.loads(archive.read("backup.json")), archive.read("database")
    write(path, manifest | changes, database)
    return path


def write(path, manifest, database):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"0" * 64
        archive.writestr("backup.json", json.dumps(manifest))
        archive.writestr("database", database)
    content = path.read_bytes()[:-64]
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())


# There and back


def test_a_restore_brings_back_the_backup_and_can_be_taken_back(site, tmp_path):
    path, before, number = tmp_path / "a.zip", state(), content_version()
    backup(path)
    ask_for("hard")
    changed, changed_number = state(), content_version()

    output = restore(path, tmp_path / "kept")

    assert state() == before != changed
    assert content_version() > changed_number > number
    number = content_version()
    restore(kept_in(output), tmp_path / "kept")
    assert state() == changed
    assert content_version() > number
    call_command("checkhistory", stdout=io.StringIO())


def test_a_backup_says_what_it_is_and_is_for_its_owner_only(site, tmp_path):
    path = tmp_path / "a.zip"
    assert str(path) in backup(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    assert hashlib.sha256(content[:-64]).hexdigest().encode() == content[-64:]
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("backup.json"))
    assert manifest["database"] == ("sqlite" if IS_SQLITE else "postgresql")
    assert "questions.0001_bank" in manifest["migrations"]
    assert manifest["release"]
    assert manifest["made"].endswith("+00:00")


def test_a_restore_makes_a_database_where_there_is_none(made, empty):
    before = state()
    with empty.as_default():
        assert "The state before" not in run("restore", made)
        assert state() == before


def test_a_file_is_replaced_only_on_request(site, tmp_path):
    path = tmp_path / "a.zip"
    path.write_text("mine")
    assert "exists" in refusal("backup", path)
    assert path.read_text() == "mine"
    backup(path, force=True)
    assert zipfile.is_zipfile(path)


def test_an_older_backup_is_migrated(site, tmp_path):
    path, before = tmp_path / "old.zip", state()
    call_command("migrate", "questions", "0003", verbosity=0)
    call_command("migrate", "sessions", "zero", verbosity=0)
    backup(path)
    call_command("migrate", verbosity=0)
    ask_for("hard")

    output = restore(path, tmp_path / "kept")

    assert re.search(r"Applied [1-9]\d* migrations", output)
    assert state().keys() == before.keys()
    assert Question.objects.get().difficulty == "easy"
    connection.close()
    kept_in(restore(kept_in(output), tmp_path / "kept"))
    assert Question.objects.get().difficulty == "hard"


# What a restore refuses


@pytest.fixture
def intact(site):
    """The database is afterwards as it was, and its folder too."""
    before, files = state(), set(site.folder.iterdir())
    yield
    assert state() == before
    assert set(site.folder.iterdir()) - {site.folder / "a.zip", Path(f"{site.name}-wal")} <= files


def flipped(place):
    def flip(content):
        at = place(len(content))
        return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

    return flip


DAMAGES = {
    "cut": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "head only": lambda content: content[:10],
    "empty": lambda content: b"",
    "longer": lambda content: content + b"0",
    "first byte": flipped(lambda length: 0),
    "time in the header": flipped(lambda length: 11),
    "manifest": flipped(lambda length: 60),
    "database": flipped(lambda length: length // 2),
    "directory": flipped(lambda length: length - 150),
    "checksum": flipped(lambda length: length - 1),
    "text": lambda content: b"not a backup\n" * 1000,
    "garbage": lambda content: b"PK\x03\x04" + b"\x55" * 10_000,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.usefixtures("intact")
def test_a_file_that_is_not_whole_is_refused(made, damage):
    made.write_bytes(DAMAGES[damage](made.read_bytes()))
    assert re.search("is not whole|is no backup", refusal("restore", made, interactive=False))


@pytest.mark.usefixtures("intact")
def test_no_file_is_refused(site, tmp_path):
    assert "No such file" in refusal("restore", tmp_path / "missing.zip")
    assert "Is a directory" in refusal("restore", tmp_path)


@pytest.mark.usefixtures("intact")
def test_a_zip_of_something_else_is_refused(site, tmp_path):
    for manifest in ([], {}, {"format": 1}, {"format": 1, "made": 5, "migrations": 7}, "text"):
        write(tmp_path / "a.zip", manifest, b"")
        assert "is no backup" in refusal("restore", tmp_path / "a.zip", interactive=False)


@pytest.mark.usefixtures("intact")
def test_a_zip_that_expands_to_no_database_is_refused_before_it_does(made, monkeypatch):
    with zipfile.ZipFile(made) as archive:
        manifest = json.loads(archive.read("backup.json"))
    write(made, manifest, bytes(100_000_000))
    assert made.stat().st_size < 200_000
    assert "holds no database" in refusal("restore", made, interactive=False)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(10**9, 10**9, 10**6))
    assert "needs 100,000,000 bytes" in refusal("restore", made, interactive=False)


@pytest.mark.usefixtures("intact")
def test_a_database_that_is_damaged_inside_a_whole_file_is_refused(made):
    with zipfile.ZipFile(made) as archive:
        manifest, database = json.loads(archive.read("backup.json")), archive.read("database")
    write(made, manifest, database[: len(database) // 2])
    assert re.search("damaged|failed", refusal("restore", made, interactive=False))


@pytest.mark.usefixtures("intact")
def test_a_backup_of_newer_code_is_refused(made):
    rewritten(made, migrations=["questions.0001_bank", "questions.9999_future"], release="9.0")
    message = refusal("restore", made, interactive=False)
    assert "newer code (9.0)" in message
    assert "questions.9999_future" in message
    rewritten(made, format=2)
    assert "newer code" in refusal("restore", made, interactive=False)


@pytest.mark.usefixtures("intact")
def test_a_backup_of_another_kind_of_database_is_refused(made):
    for other in {"sqlite", "postgresql", "oracle"} - {connection.vendor}:
        rewritten(made, database=other)
        assert "DATABASE_URL names" in refusal("restore", made, interactive=False)


def test_a_database_of_another_application_is_left_alone(made, empty, tmp_path):
    with empty.as_default():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE recipes (name text)")
        before = state()
        assert "another application's" in refusal("restore", made, interactive=False)
        assert "another application's" in refusal("backup", tmp_path / "b.zip")
        assert state() == before


@pytest.mark.usefixtures("intact")
def test_a_restore_asks_first(made, monkeypatch):
    assert "Add --no-input" in refusal("restore", made)
    monkeypatch.setattr("sys.stdin", Terminal())
    questions = []
    monkeypatch.setattr("builtins.input", lambda question: questions.append(question) or "no")
    assert refusal("restore", made) == "Nothing was changed."
    assert "Replace the database with the backup of" in questions[0]


class Terminal(io.StringIO):
    def isatty(self):
        return True


# What a backup refuses


@pytest.mark.parametrize("name", ["missing/a.zip", "file/a.zip", ""])
def test_a_place_that_cannot_be_written_is_one_line(site, tmp_path, name):
    (tmp_path / "file").touch()
    before = set(tmp_path.rglob("*"))
    refusal("backup", tmp_path / name)
    refusal("backup", into=tmp_path / "missing")
    assert set(tmp_path.rglob("*")) - {Path(f"{site.name}-{end}") for end in ("wal", "shm")} == before


def test_a_full_disk_is_one_line_and_leaves_nothing_behind(site, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    command = f"ulimit -f 64 && exec {' '.join(MANAGE)} backup {folder}/a.zip"
    done = subprocess.run(
        ["bash", "-c", command], env=site.environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert list(folder.iterdir()) == []


def test_there_is_nothing_to_back_up_without_a_database(empty, tmp_path):
    with empty.as_default():
        assert re.search("missing|not prepared", refusal("backup", tmp_path / "a.zip"))
    assert list(empty.folder.iterdir()) == []
    assert not (tmp_path / "a.zip").exists()


# The nightly backup


@time_machine.travel("2026-11-27T03:00:00Z", tick=False)
def test_of_nightly_backups_seven_days_and_four_weeks_are_kept(site, tmp_path):
    folder = tmp_path / "nightly"
    folder.mkdir()
    for month, days in (("09", 30), ("10", 31), ("11", 26)):
        for day in range(1, days + 1):
            for hour in "03", "15":
                (folder / f"interview-prep-2026{month}{day:02}T{hour}0000Z.zip").touch()
    others = {
        "notes.txt",
        "a.zip",
        "interview-prep-20260901T030000Z.zip.old",
        "interview-prep-20261399T030000Z.zip",
    }
    for name in others:
        (folder / name).touch()

    output = backup(into=folder)

    days = ["1127T03", *(f"11{day}T15" for day in range(21, 27))]
    weeks = ["1108T15", "1115T15", "1122T15"]  # Sundays, and the newest of this week is that of today
    expected = {f"interview-prep-2026{time}0000Z.zip" for time in days + weeks}
    assert {path.name for path in folder.iterdir()} == expected | others
    assert f"{folder}/interview-prep-20261127T030000Z.zip" in output
    assert "Removed 166" in output


def test_old_backups_are_kept_while_no_new_ones_come(site, tmp_path):
    names = {f"interview-prep-2025010{day}T030000Z.zip" for day in range(1, 7)}
    for name in names:
        (tmp_path / name).touch()
    backup(into=tmp_path)
    assert names < {path.name for path in tmp_path.iterdir()}


@only_sqlite
def test_a_damaged_database_is_not_backed_up_and_no_older_backup_goes(site, tmp_path):
    old = [tmp_path / f"interview-prep-202501{day:02}T030000Z.zip" for day in range(1, 30)]
    for path in old:
        path.touch()
    spoil(Path(site.name), "an index")
    assert "damaged" in refusal("backup", into=tmp_path)
    assert sorted(tmp_path.glob("*.zip")) == old


def spoil(path, how):
    """Damage an SQLite database that nobody has open."""
    connection.close()
    content = path.read_bytes()
    if how == "garbage":
        path.write_bytes(b"not a database" * 1000)
    elif how == "cut":
        path.write_bytes(content[: len(content) // 8192 * 4096])
    elif how == "overwritten":
        path.write_bytes(content[:4096] + b"\x55" * (len(content) - 4096))
    elif how == "a reference":
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("DELETE FROM questions_role")
    elif how == "an index":
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("PRAGMA writable_schema = 1")
            database.execute("DELETE FROM sqlite_master WHERE name LIKE 'auth_user_%' AND type = 'index'")


@only_sqlite
@pytest.mark.parametrize("how", ["garbage", "cut", "overwritten", "a reference", "an index"])
def test_a_damaged_database_is_replaced_and_kept(site, made, tmp_path, how):
    before = state()
    spoil(Path(site.name), how)

    output = restore(made, tmp_path / "kept")

    assert state() == before
    assert kept_in(output).name.endswith("-damaged.sqlite3")
    assert kept_in(output).stat().st_size


@only_sqlite
def test_a_database_that_was_lost_is_put_back_out_of_the_way_of_its_log(site, made, tmp_path):
    before, path = state(), Path(site.name)
    connections.close_all()
    path.unlink()
    Path(f"{path}-wal").write_bytes(b"of the lost file" * 4096)

    output = restore(made, tmp_path / "kept")

    assert state() == before
    assert "restart the site" in output
    assert [path.name[-16:] for path in (tmp_path / "kept").iterdir()] == ["lost.sqlite3-wal"]


# While others read and write


class Writer:
    """Commits numbers, each to two tables at once, until it is stopped."""

    def __init__(self, database):
        self.connection = connections[DEFAULT_DB_ALIAS].copy()
        self.connection.settings_dict["NAME"] = database.name
        self.connection.inc_thread_sharing()
        self.committed, self.stopped = [], Event()
        self.thread = Thread(target=self.write)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.stopped.set()
        self.thread.join()

    def write(self):
        connections[DEFAULT_DB_ALIAS] = self.connection  # of this thread
        for number in count(1):
            if self.stopped.wait(0.001):
                break
            with suppress(DatabaseError):  # a save is refused while a restore begins
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM auth_group")
                    cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [f"number {number}"])
                    cursor.execute(
                        "INSERT INTO django_content_type (app_label, model) VALUES ('number', %s)", [number]
                    )
                self.committed.append(number)
        connection.close()

    def wait_for(self, more):
        until = len(self.committed) + more
        while len(self.committed) < until:
            time.sleep(0.01)


def numbers():
    """Those of the writer that the database holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM auth_group WHERE name LIKE 'number %'")
        groups = {int(name.removeprefix("number ")) for [name] in cursor.fetchall()}
        cursor.execute("SELECT model FROM django_content_type WHERE app_label = 'number'")
        assert {int(number) for [number] in cursor.fetchall()} == groups
    connection.close()
    return groups


def test_each_backup_made_while_others_write_is_one_state_of_that_time(site, empty, tmp_path):
    times = []
    with Writer(site) as writer:
        writer.wait_for(5)
        for n in range(5):
            before = len(writer.committed)
            backup(tmp_path / f"{n}.zip")
            times.append((before, len(writer.committed) + 1))
    with empty.as_default():
        for n, (least, most) in enumerate(times):
            restore(tmp_path / f"{n}.zip", tmp_path / "kept")
            found = numbers()
            assert found == set(writer.committed[: len(found)])
            assert least <= len(found) <= most
            assert Question.objects.get().text == "Which flour?"


def test_each_save_is_either_in_what_is_kept_or_in_what_is_restored(site, made, tmp_path):
    with Writer(site) as writer:
        writer.wait_for(20)
        output = restore(made, tmp_path / "kept")
        writer.wait_for(20)
    after = numbers()
    restore(kept_in(output), tmp_path / "kept")
    before = numbers()
    assert sorted(before) + sorted(after) == writer.committed


@only_sqlite
def test_a_save_just_before_the_restore_is_kept(site, made, tmp_path, monkeypatch):
    saves = ["INSERT INTO auth_group (name) VALUES ('at the last moment')"]

    class Connection(sqlite3.Connection):
        def backup(self, target, **options):
            if options and saves:  # the restore, which has kept the state before and holds no lock yet
                with closing(connect(site.name)) as other, other:
                    other.execute(saves.pop())
            super().backup(target, **options)

    connect = sqlite3.connect
    monkeypatch.setattr("sqlite3.connect", partial(connect, factory=Connection))
    output = restore(made, tmp_path / "kept")
    assert "at the last moment" not in str(state()["auth_group"])
    restore(kept_in(output), tmp_path / "kept")
    assert "at the last moment" in str(state()["auth_group"])


def test_a_database_that_stays_locked_is_left_as_it_is(made, tmp_path, monkeypatch):
    before = state()
    monkeypatch.setattr(KIND, "PATIENCE", 0.6)
    other = connections[DEFAULT_DB_ALIAS].copy()
    with closing(other), other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE" if IS_SQLITE else "BEGIN; SELECT count(*) FROM auth_group")
        message = refusal("restore", made, interactive=False, keep_in=tmp_path / "kept")
        cursor.execute("ROLLBACK")
    assert re.search("Nothing was changed: .* locked for .* Try again", message)
    assert state() == before


@pytest.fixture
def served(site):
    """The address of the site, served by a process of its own."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # The tests' settings need no collected static files.
    with site.start("serve", PORT=str(port), DJANGO_SETTINGS_MODULE="tests.settings") as server:
        try:
            server.stdout.readline()
            for _attempt in range(100):
                with suppress(URLError), urlopen(f"{address}/readyz"):
                    break
                time.sleep(0.1)
            yield address
        finally:
            server.terminate()


def test_a_site_that_runs_shows_what_is_restored_without_a_restart(served, made, tmp_path):
    def shown():
        with urlopen(f"{served}/interview-questions/baker/") as page:
            return re.findall(r'"difficulty (\w+)"', page.read().decode())[-1]  # after the filter's

    assert [shown(), shown()] == ["easy", "easy"]
    ask_for("hard")
    assert shown() == "hard"
    restore(made, tmp_path / "kept")
    assert [shown(), shown()] == ["easy", "easy"]
    # The question has the version now that it had when it was hard.
    ask_for("medium")
    assert [shown(), shown()] == ["medium", "medium"]


# A restore that is killed


@pytest.fixture
def large(site):
    """The database, with more in it than is written in a moment."""
    with connection.cursor() as cursor:
        for number in range(80):
            values = [f"{number}", os.urandom(50_000).hex(), "2030-01-01 00:00:00+00:00"]
            cursor.execute(
                "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, %s)",
                values,
            )
    connection.close()
    return site


def is_writing(site):
    if IS_SQLITE:
        with suppress(FileNotFoundError):
            return Path(f"{site.name}-wal").stat().st_size > 500_000
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = %s AND mode = 'AccessExclusiveLock' AND granted",
            [site.name],
        )
        [[locks]] = cursor.fetchall()
    return locks > 10


MOMENTS = {
    "reading": lambda site, kept: any(Path(KIND.room()).glob(".backup-*/database")),
    "keeping": lambda site, kept: any(kept.glob(".backup-*")),
    "kept": lambda site, kept: any(kept.glob("*.zip")),
    "writing": lambda site, kept: is_writing(site),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_restore_that_is_killed_leaves_the_old_state_or_the_new_one(large, tmp_path, moment):
    path, kept, new = tmp_path / "a.zip", tmp_path / "kept", state()
    backup(path)
    ask_for("hard")
    old = state()
    with large.start("restore", path, "--no-input", "--keep-in", kept) as process:
        while process.poll() is None and not MOMENTS[moment](large, kept):
            pass
        process.send_signal(signal.SIGKILL)
    connection.close()
    found = state()
    assert found in (old, new)
    if found == new:
        assert any(kept.glob("*.zip"))
    restore(path, kept)
    assert state() == new


# PostgreSQL's programs


@only_postgresql
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_programs_that_are_missing_or_too_old_are_named(made, tmp_path, monkeypatch, command):
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    arguments = {"backup": ["backup", tmp_path / "b.zip"], "restore": ["restore", made]}[command]
    assert "is missing: install PostgreSQL's client programs" in refusal(*arguments)
    for name in "pg_dump", "pg_restore":
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 9.6.1'\n")
        (folder / name).chmod(0o700)
    assert "is older than the server" in refusal(*arguments)


@only_postgresql
def test_a_password_is_in_no_command_line(site, tmp_path, monkeypatch):
    record, folder = tmp_path / "arguments", tmp_path / "bin"
    folder.mkdir()
    real, shown = shutil.which("pg_dump"), f'echo "$@" password $PGPASSWORD >> {record}'
    (folder / "pg_dump").write_text(f'#!/bin/sh\n{shown}\nexec {real} "$@"\n')
    (folder / "pg_dump").chmod(0o700)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    connection.settings_dict["PASSWORD"] = "open sesame"
    backup(tmp_path / "a.zip")
    assert record.read_text().count("open sesame") == record.read_text().count("password open sesame") == 1
