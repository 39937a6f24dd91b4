"""The content version that is committed right now, so cheap to ask that every request may.

Each asks on a connection of its own, which is kept and never writes. Calling one returns the number, or
raises `django.db.Error` where the database does not answer.
"""

from threading import Lock
from time import monotonic

from django.db import OperationalError, connections
from django.db.utils import DEFAULT_DB_ALIAS

from . import wal_index

# A restore raises the number by at least this, above every number that was in use; saves raise it by one.
RESTORE_RAISES_BY = 1_000_000

_SQL = "SELECT number FROM questions_contentversion WHERE id = 1"
_PATIENCE = 5  # seconds until a server that does not answer counts as gone


def content_version(seconds=0):
    """What asks the site's database; with `seconds`, at most once in as many."""
    database = connections[DEFAULT_DB_ALIAS].copy()
    ask = SQLiteVersion(database) if database.vendor == "sqlite" else PostgreSQLVersion(database)
    return at_most_every(seconds, ask) if seconds else ask


def at_most_every(seconds, ask):
    checked, number = -seconds, None

    def last():
        nonlocal checked, number
        now = monotonic()
        if now - checked >= seconds:
            number = ask()
            checked = now
        return number

    return last


class SQLiteVersion:
    """Reads the row only after another commit, which the head of the WAL's index shows.

    To compare that head costs a tenth of a microsecond; `PRAGMA data_version`, which serves where there
    is no WAL, takes locks for the same answer: 5 microseconds.
    """

    def __init__(self, database):
        self._database = database
        self._connection = self._number = self._seen = None
        self._mark = object  # equal to nothing: the first call looks
        self._lock = Lock()

    def __call__(self):
        return self._number if self._mark() == self._seen else self._look()

    def _look(self):
        with self._lock, self._database.wrap_database_errors:
            if self._connection is None:
                self._open()
            mark = self._mark()  # before the row: a commit in between is seen by the next call
            self._number = _value(self._connection, _SQL)
            self._seen = mark
            return self._number

    def _open(self):
        connection = self._database.get_new_connection(self._database.get_connection_params())
        try:
            self._mark = self._mark_of(connection)
        except BaseException:
            connection.close()  # for the next request to open
            raise
        self._connection = connection

    def _mark_of(self, connection):
        _value(connection, _SQL)  # the first read maps the index, and holds it from then on
        if _value(connection, "PRAGMA journal_mode") == "wal":
            return wal_index.head_of(self._database.settings_dict["NAME"])
        return lambda: _value(connection, "PRAGMA data_version")


def _value(connection, sql):
    # All rows: one left unread would keep a snapshot, and hide every later commit.
    rows = connection.execute(sql).fetchall()
    return rows[0][0] if rows else 0


class PostgreSQLVersion:
    """Reads the row by its primary key, as a prepared statement of libpq: 23 microseconds.

    A lost connection is opened again. While the server does not answer, a try that failed is repeated
    only after as long as it took, and nobody waits for one that has lost patience, so that requests
    do not queue for time-outs.
    """

    def __init__(self, database):
        self._database = database
        self._connection = None
        self._asking = None  # since when, while a thread does
        self._pause = 0  # until when
        self._lock = Lock()

    def __call__(self):
        asking = self._asking
        patience = _PATIENCE if asking is None else max(0, asking + _PATIENCE - monotonic())
        if not self._lock.acquire(timeout=patience):
            raise OperationalError("the database does not answer")
        try:
            return self._ask()
        finally:
            self._asking = None
            self._lock.release()

    def _ask(self):
        self._asking = started = monotonic()
        if started < self._pause:
            raise OperationalError("the database does not answer")
        with self._database.wrap_database_errors:
            try:
                return self._number()
            except self._database.Database.Error:
                self._pause = monotonic() * 2 - started
                raise

    def _number(self):
        kept, self._connection = self._connection, None  # until it has answered
        if kept is not None:
            try:
                return self._row(kept)
            except self._database.Database.Error:
                was_lost = kept.closed
                kept.close()
                if not was_lost:
                    raise
        return self._row(self._connect())

    def _row(self, connection):
        result = _checked(self._database, connection.pgconn.exec_prepared(b"version", None))
        self._connection = connection
        return int(result.get_value(0, 0)) if result.ntuples else 0

    def _connect(self):
        milliseconds = round(_PATIENCE * 1000)
        params = self._database.get_connection_params() | {"tcp_user_timeout": milliseconds}
        connection = self._database.get_new_connection(params)
        connection.autocommit = True
        connection.execute(f"SET statement_timeout = {milliseconds}")
        _checked(self._database, connection.pgconn.prepare(b"version", _SQL.encode()))
        return connection


def _checked(database, result):
    if result.status not in (1, 2):  # PGRES_COMMAND_OK, PGRES_TUPLES_OK
        raise database.Database.OperationalError(result.error_message.decode(errors="replace"))
    return result
