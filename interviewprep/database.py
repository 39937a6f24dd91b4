"""Whether the database can serve the site: one sentence for the operator where it cannot."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import quote

from django.apps import apps
from django.conf import settings
from django.core.signals import request_started
from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created

from .headers import plain

_CONTENT = "SELECT number FROM questions_contentversion"
_APPS = "SELECT DISTINCT app FROM django_migrations"
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = ANY(current_schemas(false))",
}
_RESTORE = "Restore a backup with “manage.py restore”, or see that DATABASE_URL is right."
MISSING = f"The file of the database is missing. {_RESTORE}"
DAMAGED = f"The database is damaged, or no SQLite database. {_RESTORE}"
NOT_PREPARED = "The database is not prepared: run “manage.py prepare”."
UNWRITABLE = "The database cannot be written: see to the rights of its file and folder."
FOREIGN = "The database is another application's. Name one of this site's own in DATABASE_URL."

KEPT = 600  # seconds for which a thread keeps its connection to a file

log = logging.getLogger(__name__)


def problem(connection=connection, thorough=False):
    """What is wrong with the site's database, or an empty text; `thorough` reads every page of SQLite's."""
    if connection.vendor != "sqlite":
        return _problem_of_server(connection)
    return problem_of_file(path, thorough) if (path := sqlite_path()) else ""


def sqlite_path():
    """The file of the database, where it is in one."""
    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return None
    return Path(connection.settings_dict["NAME"])


def _problem_of_server(connection):
    try:
        with connection.cursor() as cursor:

            def column(sql):
                cursor.execute(sql)
                return [value for [value] in cursor.fetchall()]

            if column("SELECT current_setting('transaction_read_only')") == ["on"]:
                return "The database can only be read."
            if "questions_contentversion" not in column(_TABLES["postgresql"]):
                return _without_content(column, "postgresql")
    except DatabaseError as error:
        return f"The database does not answer ({first_line(error)})."
    return ""


def _without_content(column, vendor):
    """What a database is that has not the site's table: new, left by an interrupted migration, or foreign."""
    tables = column(_TABLES[vendor])
    if not tables:
        return NOT_PREPARED
    is_ours = "django_migrations" in tables and set(column(_APPS)) <= set(apps.app_configs)
    return NOT_PREPARED if is_ours else FOREIGN


def problem_of_file(path, thorough=False):
    """The same for an SQLite file, which is opened through SQLite alone and not written.

    Closing another descriptor of it would drop the locks that this process has on it.
    """
    try:
        if not path.exists():
            return MISSING
        with closing(sqlite3.connect(existing(path), uri=True, timeout=1, isolation_level=None)) as file:

            def column(sql):
                return [value for [value] in file.execute(sql)]

            if is_cut(path, column) or (thorough and column("PRAGMA quick_check(1)") != ["ok"]):
                return DAMAGED
            if "questions_contentversion" not in column(_TABLES["sqlite"]):
                return _without_content(column, "sqlite")
            column(_CONTENT)
            file.execute("BEGIN IMMEDIATE")
            file.execute("ROLLBACK")
    except OSError:
        return UNWRITABLE
    except sqlite3.Error as error:
        return _sentence(error)
    return ""


def _sentence(error):
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return ""  # somebody writes, so all is well
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return DAMAGED
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return UNWRITABLE
    return f"The database cannot be used ({first_line(error)})."


def existing(path):
    """The address with which SQLite opens a file, and never makes a new one."""
    return f"file:{quote(str(path))}?mode=rw"


def serve_from_file():
    """Let this process open SQLite's file, and never make a new one in place of one that was lost.

    Each thread keeps its connection, as to open one takes a third of the time that a mark takes. A request
    looks whether the file is still that which was opened: it may have been moved away.
    """
    if path := sqlite_path():
        settings.DATABASES["default"]["CONN_MAX_AGE"] = KEPT
        settings.DATABASES["default"]["OPTIONS"]["database"] = existing(path)
        connection_created.connect(_remember_file)
        request_started.connect(_close_where_file_is_another)


def _remember_file(connection, **kwargs):
    if connection.vendor == "sqlite":
        connection.file = _file_of(connection)


def _close_where_file_is_another(**kwargs):
    if connection.connection is not None and connection.file != _file_of(connection):
        connection.close()


def _file_of(connection):
    """What tells the file from every other one; None where there is none."""
    try:
        found = Path(connection.settings_dict["NAME"]).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def is_cut(path, column):
    """Whether `path` is shorter than its own header says, with nothing left in the log to complete it."""
    log_of_writes = Path(f"{path}-wal")
    if log_of_writes.exists() and log_of_writes.stat().st_size:
        return False
    [pages], [size] = column("PRAGMA page_count"), column("PRAGMA page_size")
    return path.stat().st_size < pages * size


def first_line(error):
    return str(error).strip().partition("\n")[0]


class Readiness:
    """`/readyz`, a WSGI application: asks the database once a second at most, however often it is asked."""

    SECONDS = 1

    def __init__(self):
        self.ready = plain("200 OK", "ok")
        self.answer, self.until = None, 0
        self.lock = Lock()
        self.connection = connection.copy()  # for whichever thread has the lock
        self.connection.inc_thread_sharing()

    def __call__(self, environ, start_response):
        if monotonic() >= self.until and self.lock.acquire(blocking=self.answer is None):
            try:
                self.answer = self.look()
                self.until = monotonic() + self.SECONDS
            finally:
                self.lock.release()
        return self.answer(environ, start_response)

    def look(self):
        found = problem(self.connection)
        self.connection.close()
        if not found:
            return self.ready
        log.error("Not ready: %s", found)
        return plain("503 Service Unavailable", found, ("Retry-After", "5"))
