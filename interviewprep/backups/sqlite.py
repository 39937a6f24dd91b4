"""Copies of an SQLite database, and how one is put back while the site has it open."""

import os
import sqlite3
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connections

from interviewprep.database import existing, sqlite_path
from interviewprep.freshness import RESTORE_RAISES_BY

from .archive import BackupError, Damaged, to_disk
from .names import timestamped

BEGINS = b"SQLite format 3\0"
PATIENCE = 30  # seconds for which another writer is waited for
_ATTEMPTS = 5
_LOCKED = f"Nothing was changed: the database has been locked for {PATIENCE} seconds. Try again."
_VERSION = "SELECT number FROM questions_contentversion WHERE id = 1"
_SET_VERSION = (
    "INSERT INTO questions_contentversion (id, number) VALUES (1, ?)"
    " ON CONFLICT (id) DO UPDATE SET number = excluded.number"
)


class _Changed(Exception):
    """Somebody wrote after the present state was kept."""


def name():
    return sqlite_path().stem


def folder():
    """Where present states are kept unless said otherwise."""
    return sqlite_path().parent / "backups"


def room():
    """The folder in which there should be space for another copy."""
    return sqlite_path().resolve().parent


def copy(path):
    """Write what is committed now into the file `path`; return SQLite's version and the migrations.

    Raises Damaged where SQLite finds a fault.
    """
    try:
        with closing(_connect(sqlite_path())) as source, closing(_connect(path)) as target:
            source.backup(target)  # in one step: one state, while others write
            target.execute("PRAGMA journal_mode = DELETE")  # so that it is one file
            fault, migrations = _fault(target), _migrations(target)
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        fault = str(error)
    if fault:
        raise Damaged(f"The database is damaged ({fault}). Restore the last backup: “manage.py restore”.")
    return sqlite3.sqlite_version, migrations


def copy_damaged(path):
    """Write the pages of a damaged database into the file `path`."""
    with closing(_connect(sqlite_path())) as source, closing(_connect(path)) as target:
        source.backup(target)


def check(path):
    """Raise BackupError unless the file `path` is a sound database of the site."""
    with closing(_connect(path)) as database:
        fault = _fault(database)
    if fault:
        raise BackupError(f"The database in the backup is damaged ({fault}). Take another backup.")


def restore(path, migrate, keep, folder):
    """Migrate the database in the file `path`, and write it in place of the present one.

    Returns what `migrate` and `keep` returned, and whether connections that are open see it.
    """
    with _as_default(path):
        migrated = migrate()
    if not sqlite_path().exists():
        return migrated, None, _put(path, folder)
    try:
        return migrated, _write(path, keep), True
    except sqlite3.DatabaseError as error:
        if _is(error, "SQLITE_BUSY"):
            raise BackupError(_LOCKED) from error
        if not _is_damage(error):
            raise
        return migrated, _swap(path, folder), False


@contextmanager
def _as_default(path):
    """Let Django's default connection be one to the file `path`."""
    before = connections[DEFAULT_DB_ALIAS]
    other = before.copy()
    other.settings_dict["NAME"] = str(path)
    connections[DEFAULT_DB_ALIAS] = other
    try:
        yield
    finally:
        other.close()
        connections[DEFAULT_DB_ALIAS] = before


def _write(path, keep):
    """Copy the file `path` into the database, in one transaction of it."""
    database = sqlite_path()
    with (
        closing(_connect(database)) as target,
        closing(_connect(database)) as watch,
        closing(_connect(path)) as source,
    ):
        target.execute("PRAGMA journal_mode = WAL")  # others go on reading; a new file is not yet in it
        _take_page_size(source, target)
        for _attempt in range(_ATTEMPTS):
            target.execute("BEGIN IMMEDIATE")  # nobody else writes until the rollback
            commits, kept = _commits(watch), keep()
            number = max(_content_version(target), _content_version(source)) + RESTORE_RAISES_BY
            source.execute(_SET_VERSION, [number])
            target.execute("ROLLBACK")
            try:
                # With its first page it has the lock; only then is it known that nobody got in between.
                source.backup(target, pages=1, progress=_if_none_since(commits, watch))
                return kept
            except _Changed:
                continue
    raise BackupError("Nothing was changed: others keep writing to the database. Try again.")


def _if_none_since(commits, watch):
    """What SQLite calls after each page: raises _Changed if there were other commits than `commits`."""
    is_first = True

    def progress(status, _remaining, _total):
        nonlocal is_first
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BackupError(_LOCKED)
        if is_first and _commits(watch) != commits:
            raise _Changed
        is_first = False

    return progress


def _commits(connection):
    """A number that others' commits change."""
    return connection.execute("PRAGMA data_version").fetchone()


def _content_version(connection):
    try:
        rows = connection.execute(_VERSION).fetchall()
    except sqlite3.DatabaseError:  # an empty or damaged database
        return 0
    return rows[0][0] if rows else 0


def _take_page_size(source, target):
    """A database in WAL mode keeps its page size, so the copy takes it on."""
    [size] = target.execute("PRAGMA page_size").fetchone()
    if source.execute("PRAGMA page_size").fetchone() != (size,):
        source.execute(f"PRAGMA page_size = {size}")
        source.execute("VACUUM")


def _put(path, folder):
    """Put the file `path` where there is none; return whether nobody can have a former one open.

    The log of one that was lost would be taken for the log of the new one, so it is moved to `folder`.
    """
    database = sqlite_path().resolve()
    with closing(_connect(path)) as source:
        source.execute(_SET_VERSION, [_content_version(source) + RESTORE_RAISES_BY])
    owner = database.parent.stat()
    with suppress(PermissionError):  # but for root, it is the one already
        os.chown(path, owner.st_uid, owner.st_gid)
    lost = timestamped(folder, name(), "-lost.sqlite3")
    logs = [end for end in ("-wal", "-shm") if Path(f"{database}{end}").exists()]
    for end in logs:
        folder.mkdir(mode=0o700, exist_ok=True)
        Path(f"{database}{end}").replace(f"{lost}{end}")
    to_disk(path)
    path.replace(database)
    to_disk(database.parent)
    return not logs


def _swap(path, folder):
    """Put the file `path` in place of one that SQLite cannot open, and return where that one is kept.

    Whatever has the old file open goes on with it, so its log and the log's index go with it.
    """
    database = sqlite_path().resolve()
    old = database.stat()
    path.chmod(old.st_mode)
    os.chown(path, old.st_uid, old.st_gid)
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = timestamped(folder, name(), "-damaged.sqlite3")
    kept.hardlink_to(database)
    for end in "-wal", "-shm":
        with suppress(FileNotFoundError):
            Path(f"{database}{end}").replace(f"{kept}{end}")
    to_disk(path)
    path.replace(database)
    to_disk(database.parent)
    return kept


def _connect(path):
    path_exists = path.exists()
    address = existing(path) if path_exists else str(path)
    return sqlite3.connect(address, uri=path_exists, timeout=PATIENCE, isolation_level=None)


def _is_damage(error):
    return _is(error, "SQLITE_CORRUPT", "SQLITE_NOTADB")


def _is(error, *names):
    return getattr(error, "sqlite_errorname", "").startswith(names)


def _fault(database):
    """The first fault that SQLite finds, or an empty text."""
    try:
        [found] = database.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            return found.splitlines()[-1]
        for table, row, parent, _key in database.execute("PRAGMA foreign_key_check"):
            return f"row {row} of {table} refers to a row of {parent} that is missing"
    except sqlite3.DatabaseError as error:
        return str(error)
    return ""


def _migrations(database):
    rows = database.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
    return [f"{app}.{name}" for app, name in rows]
