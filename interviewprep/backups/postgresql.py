"""Copies of a PostgreSQL database by pg_dump, and how one is put back while the site has it open.

A copy holds the tables of the current schema, in pg_dump's custom format. To restore it, pg_restore
turns it into SQL, which runs on the connection of the site together with the migrations and the new
content version: one transaction, so that readers see the old state or the new one. pg_restore's own
connection would commit before either.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.db import OperationalError, connection, transaction

from interviewprep.freshness import RESTORE_RAISES_BY

from .archive import BackupError

BEGINS = b"PGDMP"
PATIENCE = 30  # seconds for which locks are waited for
_LAST = "questions_contentversion"
_VERSION = "SELECT number FROM questions_contentversion WHERE id = 1"
_SET_VERSION = (
    "INSERT INTO questions_contentversion (id, number) VALUES (1, %s)"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number"
)
_LOCKED = f"Nothing was changed: others have kept tables locked for {PATIENCE} seconds. Try again."
_SECTIONS = ("pre-data", "data", "post-data")
# What psql alone knows, and what servers before 17 do not.
_NOT_SQL = re.compile(rb"^(\\(un)?restrict .*|SET transaction_timeout = 0;)\n", re.MULTILINE)
_TABLES = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
    )
    ORDER BY relname = %s, relname
"""  # the content version comes last, as in every transaction of the site; an extension keeps its tables


def name():
    return "postgresql"


def folder():
    """Where present states are kept unless said otherwise."""
    return settings.BASE_DIR / "backups"


def room():
    """The folder in which there should be space for a copy."""
    return Path(tempfile.gettempdir())


def copy(path):
    """Write what is committed now into the file `path`; return the server's version and the migrations."""
    if connection.in_atomic_block:  # of a restore, whose locks let nobody write
        return _dump(path)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        _wait_for_programs(cursor)
        return _dump(path)


def _dump(path):
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY app, name")
        migrations = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT pg_export_snapshot(), quote_ident(current_schema())")
        snapshot, schema = cursor.fetchone()
    _run(
        "pg_dump",
        *("--format=custom", "--compress=0", "--encoding=UTF8", f"--table={schema}.*"),
        *(f"--snapshot={snapshot}", f"--lock-wait-timeout={PATIENCE}s", f"--file={path}"),
    )
    check(path)
    return connection.connection.info.parameter_status("server_version"), migrations


def check(path):
    """Raise BackupError unless pg_restore can read the file `path`."""
    _sql_of(path, os.devnull, "data")


def restore(path, migrate, keep, folder):
    """Replace the tables of the current schema with those in the file `path`, and migrate them.

    Returns what `migrate` and `keep` returned, and that connections that are open see it.
    """
    scripts = []
    for section in _SECTIONS:
        scripts.append(path.with_name(f"{section}.sql"))
        _sql_of(path, scripts[-1], section)
    try:
        with connection.wrap_database_errors, transaction.atomic(), connection.cursor() as cursor:
            _wait_for_programs(cursor)
            number, kept = _keep_and_drop(cursor, keep)
            _execute_all(scripts)
            cursor.execute("RESET search_path")  # which pg_restore empties
            # A table cannot be altered while rows of it wait to be checked at the end of the transaction.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            migrated = migrate()
            number = max(number, _content_version(cursor)) + RESTORE_RAISES_BY
            cursor.execute(_SET_VERSION, [number])
            return migrated, kept, True
    finally:
        connection.close()  # pg_restore's settings go with it


def _keep_and_drop(cursor, keep):
    """Drop all tables; return the content version that they held, and what `keep` returned."""
    cursor.execute(_TABLES, [_LAST])
    tables = [row[0] for row in cursor.fetchall()]
    if not tables:
        return 0, None
    _lock(cursor, tables, "SHARE ROW EXCLUSIVE")  # from here nobody else writes
    kept, number = keep(), _content_version(cursor) if _LAST in tables else 0
    _lock(cursor, tables, "ACCESS EXCLUSIVE", cancels=True)
    cursor.execute(f"DROP TABLE {', '.join(tables)} CASCADE")
    return number, kept


def _lock(cursor, tables, mode, cancels=False):
    """Lock all tables, or raise BackupError when PATIENCE is over.

    It tries for half a second at a time, which is shorter than PostgreSQL's wait for deadlocks: whoever
    wants these locks in another order goes first. `cancels` those who wait for locks that are held
    already: a save of a curator that has begun cannot be kept.
    """
    until = monotonic() + PATIENCE
    while True:
        try:
            with transaction.atomic():
                cursor.execute("SET LOCAL lock_timeout = 500")
                return cursor.execute(f"LOCK TABLE {', '.join(tables)} IN {mode} MODE")
        except OperationalError as error:
            if monotonic() > until:
                raise BackupError(_LOCKED) from error
        if cancels:
            cursor.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
                " WHERE usename = current_user AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )


def _execute_all(scripts):
    """Run the SQL of pg_restore's sections on the connection of the site."""
    raw = connection.connection
    before, data, after = scripts
    raw.execute(_NOT_SQL.sub(b"", before.read_bytes()))
    with data.open("rb") as lines, raw.cursor() as cursor:
        for line in lines:
            if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                _copy_rows(cursor, line, lines)
            elif line.strip() and not line.startswith(b"--") and not _NOT_SQL.match(line):
                cursor.execute(line)  # a setting, or the next number of a sequence: one line each
    raw.execute(_NOT_SQL.sub(b"", after.read_bytes()))


def _copy_rows(cursor, statement, lines):
    with cursor.copy(statement) as rows:
        for line in lines:
            if line == b"\\.\n":
                return
            rows.write(line)


def _content_version(cursor):
    cursor.execute(_VERSION)
    row = cursor.fetchone()
    return row[0] if row else 0


def _wait_for_programs(cursor):
    """Let the transaction be idle for as long as pg_dump takes."""
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")


def _sql_of(path, target, section):
    _run(
        "pg_restore",
        *("--no-owner", "--no-privileges", "--no-tablespaces"),
        f"--section={section}",
        f"--file={target}",
        str(path),
    )


def _run(program, *arguments):
    """Run one of PostgreSQL's programs. Raises BackupError with the last line of what it reports."""
    command = [_program(program), *arguments]
    done = subprocess.run(  # noqa: S603 - all arguments are ours
        command, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason"])[-1]
        raise BackupError(f"{program} failed: {reason}")


def _program(name):
    """The path of a program that is as new as the server at least."""
    connection.ensure_connection()
    needed = connection.connection.info.server_version // 10_000
    what = f"PostgreSQL's client programs of version {needed} or newer, in a folder of PATH"
    path = shutil.which(name)
    if not path:
        raise BackupError(f"{name} is missing: install {what}.")
    shown = subprocess.run(  # noqa: S603 - as above
        [path, "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"\d+", shown)
    if not version or int(version[0]) < needed:
        raise BackupError(f"{name} is older than the server ({shown.strip()}): install {what}.")
    return path


def _environment():
    """How to connect as the site does; a password is in no command line."""
    info = connection.connection.info
    named = {
        option.envvar.decode(): option.val.decode()
        for option in connection.connection.pgconn.info
        if option.envvar and option.val and option.val != option.compiled
    }
    return os.environ | named | {"PGHOST": info.host, "PGPORT": str(info.port)}
