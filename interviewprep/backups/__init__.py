"""Backups of the site's database, and the way back.

A backup is one file (see `archive`). It is made while the site serves, and appears under its name only
after it was read again and found whole. A restore checks the file, keeps the present state in another
backup, and replaces the database in one transaction of it.
"""

import errno
import os
import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from interviewprep.database import DAMAGED, MISSING, NOT_PREPARED, first_line, problem, sqlite_path
from questions.search import index

from . import archive, names, postgresql, sqlite
from .archive import BackupError, Damaged, Manifest

__all__ = ["BackupError", "Restored", "create", "create_into", "keep_present", "restore"]

KEPT = 10  # of those that are made before a migration
_KINDS = {"sqlite": ("SQLite", sqlite), "postgresql": ("PostgreSQL", postgresql)}
_NAME, _END = "interview-prep", ".zip"
_ROOM = ".backup-"  # how the names of folders begin in which files are made
_DAY = 86_400  # seconds


class Restored(NamedTuple):
    """What a restore did."""

    manifest: Manifest
    migrated: int
    kept: Path | None  # the state before, unless there was none
    is_seen: bool  # by a site that runs


def create(path, *, replace=False):
    """Write a backup of the database to `path`. Raises BackupError, and leaves nothing behind then."""
    with _in_one_line("No backup was made"):
        if path.is_dir():
            raise BackupError(f"“{path}” is a folder: name a file in it, or use --into.")
        if path.exists() and not replace:
            raise BackupError(f"“{path}” exists: name another file, or replace it with --force.")
        _kind()
        if wrong := problem():
            raise BackupError(f"No backup was made. {wrong}")
        _write(path)


def create_into(folder):
    """Write a backup into `folder`, and then remove those that have expired. Returns its path, and theirs."""
    path = names.timestamped(folder, _NAME, _END)
    create(path)
    with _in_one_line(f"“{path}” was made, but expired backups cannot be removed"):
        expired = [old for old in names.expired(names.times(folder, _NAME, _END)) if old != path]
        for old in expired:
            old.unlink()
    return path, expired


def keep_present():
    """Keep a backup of the present state beside the database, with the newest of former ones."""
    with _in_one_line("No backup was made"):
        folder, name = _kind().folder(), _kind().name()
        folder.mkdir(mode=0o700, exist_ok=True)
        path = names.timestamped(folder, name, _END)
        _write(path)
        for old in list(names.times(folder, name, _END))[:-KEPT]:
            old.unlink()
    return path


def restore(path, folder=None, confirm=lambda manifest: True):
    """Replace the database with the one in the backup at `path`, and migrate it.

    If there is one already, `confirm` is asked, and it is kept in `folder`, or else beside the database.
    Raises BackupError, and has changed nothing then.
    """
    with _in_one_line("Nothing was changed"):
        kind = _kind()
        manifest = archive.verify(path)
        _check_fit(manifest, path)
        wrong = problem()
        if wrong not in ("", DAMAGED, MISSING, NOT_PREPARED):
            raise BackupError(f"Nothing was changed. {wrong}")
        is_empty = wrong in (MISSING, NOT_PREPARED)
        with _room_in(kind.room()) as room:
            copy = room / archive.DATABASE
            archive.extract(path, copy, kind.BEGINS)
            kind.check(copy)
            if not is_empty and not confirm(manifest):
                raise BackupError("Nothing was changed.")
            folder = folder or kind.folder()
            keep = (lambda: None) if is_empty else (lambda: _keep_even_if_damaged(folder))
            return Restored(manifest, *kind.restore(copy, _migrate, keep, folder))


def _kind():
    """The module that knows the kind of the site's database."""
    if connection.vendor == "sqlite" and not sqlite_path():
        raise BackupError("The database is in memory, where it cannot be backed up.")
    return _KINDS[connection.vendor][1]


def _write(path):
    """Write a backup of the database, which appears at `path` when it is whole and on the disk."""
    with _room_in(path.parent) as room:
        copy, file = room / archive.DATABASE, room / path.name
        version, migrations = _kind().copy(copy)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(made, _release(), connection.vendor, version, migrations)
        archive.write(file, manifest, copy)
        archive.verify(file)
        archive.check_contents(file)
        file.chmod(0o600)
        file.replace(path)
    archive.to_disk(path.parent)


def _keep_even_if_damaged(folder):
    """Keep the present state in `folder`: as a backup, or as an SQLite file where it is damaged."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = names.timestamped(folder, _kind().name(), _END)
    try:
        _write(path)
    except Damaged:
        path = names.timestamped(folder, _kind().name(), "-damaged.sqlite3")
        sqlite.copy_damaged(path)
    return path


@contextmanager
def _room_in(folder):
    """A new folder in `folder`, removed afterwards together with those of processes that were killed."""
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    for old in folder.glob(f"{_ROOM}*"):
        with suppress(OSError):  # another process removes it, too
            if time.time() - old.stat().st_mtime > _DAY:
                shutil.rmtree(old)
    with TemporaryDirectory(prefix=_ROOM, dir=folder) as room:
        yield Path(room)


def _check_fit(manifest, path):
    """Raise BackupError where a backup is of another kind of database, or of newer code."""
    if manifest.database != connection.vendor:
        theirs, ours = (_KINDS.get(kind, (kind,))[0] for kind in (manifest.database, connection.vendor))
        raise BackupError(
            f"“{path}” is of {theirs}, but DATABASE_URL names {ours}. “manage.py dumpbank” and “loadbank” "
            "carry the bank from one to the other."
        )
    disk = MigrationLoader(None).disk_migrations
    known = set(disk).union(*(migration.replaces for migration in disk.values()))
    unknown = set(manifest.migrations) - {f"{app}.{name}" for app, name in known}
    if unknown:
        raise BackupError(
            f"“{path}” was made by newer code ({manifest.release}): this one does not know the migration "
            f"{min(unknown)}. Update the site, then restore it."
        )


def _migrate():
    """Apply the migrations that the default database lacks; return their number."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    index.make_current()  # that of the backup may be of an older release
    return len(plan)


def _release():
    """The newest heading of the changelog, and git's name of the commit where the site is a clone."""
    heading = re.search(r"(?m)^## (.+)$", (settings.BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8"))
    release = heading[1].strip() if heading else "unknown"
    git, clone = shutil.which("git"), settings.BASE_DIR / ".git"
    if not git or not clone.exists():
        return release
    command = [git, f"--git-dir={clone}", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(  # noqa: S603 - all arguments are ours
        command, capture_output=True, text=True, check=False
    ).stdout.strip()
    return f"{release} ({commit})" if commit else release


@contextmanager
def _in_one_line(outcome):
    """Raise BackupError for what can go wrong on the disk and in the database."""
    try:
        yield
    except OSError as error:
        where = f"“{error.filename}”: " if error.filename else ""
        raise BackupError(f"{outcome}: {where}{error.strerror or error}.") from error
    except (sqlite3.Error, DatabaseError) as error:
        raise BackupError(f"{outcome}: the database reports “{first_line(error)}”.") from error
