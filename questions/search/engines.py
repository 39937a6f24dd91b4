"""The two engines of the index: SQLite's FTS5 and PostgreSQL's text search.

Both hold the same words and nothing of their own: no engine splits, folds, stems or ranks, so both find
the same. Their tables, made by a migration, are no models: what is derived belongs into no fixture.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, ClassVar

from django.db import DatabaseError, OperationalError, connection
from django.utils.functional import SimpleLazyObject

from ..documents import in_batches
from .entries import Entry
from .expressions import AllOf, AnyOf, Expression, Wanted

_WORDS = ("title", "topics", "lead", "body")
_COLUMNS = f"id, {', '.join(Entry._fields)}"
_VALUES = ", ".join(["%s"] * (1 + len(Entry._fields)))


def execute(sql: str, *parameters: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def execute_many(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(rows))


class Engine:
    """The index of one kind of database."""

    is_in: ClassVar[str]  # a condition: the column before it is in the list that is its one parameter
    matching: ClassVar[str]  # a query of ids for one expression and a limit

    def ids(self, wanted: Wanted, most: int) -> list[int]:
        """The ids of the first entries that have what is wanted, at most so many, in their order."""
        return [row[0] for row in execute(self.matching, self.written(wanted), most)]

    def written(self, wanted: Wanted) -> str:
        """What is wanted in the engine's own language."""
        raise NotImplementedError

    def with_ids(self, ids: Sequence[int]) -> list[Entry]:
        return self._entries(f"id {self.is_in}", self.list_of(ids))

    def titles(self, ids: Sequence[int]) -> list[tuple[int, str, str]]:
        """`(id, title, facets)` of the entries with `ids`, in no order."""
        sql = f"SELECT id, title, facets FROM questions_searchentry WHERE id {self.is_in}"
        return execute(sql, self.list_of(ids))

    def with_uids(self, kind: str, uids: Collection[str]) -> list[Entry]:
        return self._entries(f"kind = %s AND uid {self.is_in}", kind, self.list_of(uids))

    def all(self) -> Iterator[Entry]:
        """Every entry, read in batches."""
        last = -1
        while batch := self._entries("id > %s ORDER BY id LIMIT 1000", last):
            yield from batch
            last = batch[-1].id

    def _entries(self, condition: str, *parameters: Any) -> list[Entry]:
        rows = execute(f"SELECT {_COLUMNS} FROM questions_searchentry WHERE {condition}", *parameters)
        return [Entry(*values) for _id, *values in rows]

    def list_of(self, values: Collection[Any]) -> Any:
        """A list as one parameter of `is_in`."""
        raise NotImplementedError

    def insert(self, entries: Sequence[Entry]) -> None:
        execute_many(
            f"INSERT INTO questions_searchentry ({_COLUMNS}) VALUES ({_VALUES})",
            [(entry.id, *entry) for entry in entries],
        )

    def delete(self, entries: Sequence[Entry]) -> None:
        """Take out `entries`, each of them as the index has it."""
        ids = self.list_of([entry.id for entry in entries])
        execute(f"DELETE FROM questions_searchentry WHERE id {self.is_in}", ids)

    def clear(self) -> None:
        execute("DELETE FROM questions_searchentry")

    def inserting(self, number: int) -> AbstractContextManager[None]:
        """A context in which about `number` entries are inserted."""
        return nullcontext()

    def compact(self) -> None:
        """Give back, outside a transaction, the room of what was deleted: searches pass by it."""

    def is_sound(self, entries: Sequence[Entry]) -> bool:
        """Whether the engine's own structure holds what `entries` do, all that there are."""
        raise NotImplementedError


class SQLite(Engine):
    """FTS5 beside a table of entries, whose texts it reads: an external content table."""

    is_in = "IN (SELECT value FROM json_each(%s))"
    matching = "SELECT rowid FROM questions_search WHERE questions_search MATCH %s ORDER BY rowid LIMIT %s"
    indexed = "title, topics, lead, body, facets"

    def list_of(self, values):
        return json.dumps(list(values))

    def written(self, wanted):
        parts = [f"facets : ({self.of(AnyOf([(value,) for value in values]))})" for values in wanted.facets]
        if wanted.words:
            columns = "title" if wanted.in_title else f"{{{' '.join(_WORDS)}}}"
            parts.append(f"{columns} : ({self.of(wanted.words)})")
        return " AND ".join(parts)

    def of(self, expression: Expression) -> str:
        if isinstance(expression, AllOf | AnyOf):
            sign = " AND " if isinstance(expression, AllOf) else " OR "
            return sign.join(f"({self.of(part)})" for part in expression.parts)
        return f'"{" ".join(expression)}"'

    def insert(self, entries):
        super().insert(entries)
        execute_many(
            f"INSERT INTO questions_search (rowid, {self.indexed}) VALUES (%s, %s, %s, %s, %s, %s)",
            map(self._indexed, entries),
        )

    def delete(self, entries):
        execute_many(
            f"INSERT INTO questions_search (questions_search, rowid, {self.indexed})"
            " VALUES ('delete', %s, %s, %s, %s, %s, %s)",
            map(self._indexed, entries),
        )
        super().delete(entries)

    @staticmethod
    def _indexed(entry):
        return entry.id, entry.title, entry.topics, entry.lead, entry.body, entry.facets

    def clear(self):
        super().clear()
        execute("INSERT INTO questions_search (questions_search) VALUES ('delete-all')")

    def is_sound(self, entries):
        try:
            execute("INSERT INTO questions_search (questions_search, rank) VALUES ('integrity-check', 1)")
        except OperationalError:  # locked, say
            raise
        except DatabaseError:
            return False
        return True


class PostgreSQL(Engine):
    """A `tsvector` for each entry: its words with their places, and once more those of the title.

    Words of titles have a sign before them and no weight: for a weight, each row would be read. The table
    has nothing else, for a common word makes a search pass by most of its rows.
    """

    is_in = "= ANY(%s)"
    # The planner does not see that to look into a row takes a hundred times as long as to pass by: so never
    # without the index, and not by the order of rows either, in the hope of meeting enough that match.
    matching = """
        SET LOCAL enable_seqscan = off;
        SELECT id FROM questions_search WHERE words @@ %s::tsquery ORDER BY id + 0 LIMIT %s;
        SET LOCAL enable_seqscan TO DEFAULT
    """
    in_title, in_facets = "^", "="
    many = 200  # entries
    waiting = 256  # kB of words, as the migration says
    last_place = 16_383  # of a tsvector: what comes behind it is found, but not in phrases

    def list_of(self, values):
        return list(values)

    def ids(self, wanted, most):
        with connection.cursor() as cursor:
            cursor.execute(self.matching, [self.written(wanted), most])
            cursor.nextset()
            return [row[0] for row in cursor.fetchall()]

    def written(self, wanted):
        parts = [self.of(AnyOf([(value,) for value in of_one]), self.in_facets) for of_one in wanted.facets]
        if wanted.words:
            parts.append(self.of(wanted.words, self.in_title if wanted.in_title else ""))
        return " & ".join(f"({part})" for part in parts)

    def of(self, expression: Expression, sign: str) -> str:
        if isinstance(expression, AllOf | AnyOf):
            operator = " & " if isinstance(expression, AllOf) else " | "
            return operator.join(f"({self.of(part, sign)})" for part in expression.parts)
        return " <-> ".join(f"'{sign}{word}'" for word in expression)

    def insert(self, entries):
        super().insert(entries)
        rows = [(entry.id, self.vector(entry)) for entry in entries]
        execute_many("INSERT INTO questions_search (id, words) VALUES (%s, %s::tsvector)", rows)

    def vector(self, entry: Entry) -> str:
        places: dict[str, list[str]] = {}
        place = 0
        for name in _WORDS:
            place += 1  # no phrase goes on from one text to the next
            for word in getattr(entry, name).split():
                place = min(place + 1, self.last_place)
                for sign in ("", self.in_title) if name == "title" else ("",):
                    places.setdefault(f"{sign}{word}", []).append(str(place))
        found = [f"'{word}':{','.join(at)}" for word, at in places.items()]
        return " ".join([*found, *(f"'{self.in_facets}{value}'" for value in entry.facets.split())])

    def delete(self, entries):
        execute(f"DELETE FROM questions_search WHERE id {self.is_in}", [entry.id for entry in entries])
        super().delete(entries)

    def clear(self):
        execute("DELETE FROM questions_search")
        super().clear()

    @contextmanager
    def inserting(self, number):
        """Of many entries, let the words wait and sort them in together: that takes half as long.

        Of few, it would take longer; but what waits is looked through by every search.
        """
        if number < self.many:
            yield
            return
        limit = "ALTER INDEX questions_search_words SET (gin_pending_list_limit = {})"
        execute(limit.format(16_384))
        yield
        execute("SELECT gin_clean_pending_list('questions_search_words'::regclass)")
        execute(limit.format(self.waiting))

    def compact(self):
        if not connection.in_atomic_block:
            execute("REINDEX TABLE CONCURRENTLY questions_search")
            execute("VACUUM ANALYZE questions_search")

    def is_sound(self, entries):
        same = """
            SELECT count(*) FROM unnest(%s::bigint[], %s::text[]) AS wanted (id, words)
            JOIN questions_search USING (id) WHERE questions_search.words = wanted.words::tsvector
        """
        number = 0
        for batch in in_batches(entries):
            vectors = [self.vector(entry) for entry in batch]
            number += execute(same, [entry.id for entry in batch], vectors)[0][0]
        return number == len(entries) == execute("SELECT count(*) FROM questions_search")[0][0]


def _engine():
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()


engine: Engine = SimpleLazyObject(_engine)  # type: ignore[assignment]
