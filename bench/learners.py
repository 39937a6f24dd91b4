"""Learners of any number, with what they know and keep, straight into the tables: believable, and fast.

`python -m bench.learners 10000 1000` adds 10,000 learners with 1,000 cards each to the bank of
DATABASE_URL, which has none yet. Some hundred histories of a card are played with the site's own scheduler;
each card of a learner is one of them, moved in time. FSRS counts days between reviews, so a history that is
moved as a whole gives the same card, and `manage.py checkpractice` finds nothing wrong.

The database makes the rows itself, a card of all learners at a time: rows of one learner lie as far apart
as where many practise side by side.
"""

import argparse
import os
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import django
from django.db import connection

HISTORIES = 500
LONGEST = 6  # reviews of a history that stand
ROWS = 8  # reviews of a history at the most, with those that are undone and what undoes them
DAYS = 90  # that a history may be long
STAYS = 0.3  # of the learners who have seen a question come back to it when it is due
UNDONE = 0.04  # of histories end with a review that was undone
IDLE = 14  # days since the last review of a learner, at the most
BOOKMARKS, NOTES, STEPS = 30, 15, 10  # of each learner, at the most
CACHE_MB = 2000  # of SQLite, while it fills its indexes
EPOCH = datetime(2026, 11, 28, tzinfo=UTC)  # histories end before it


# Histories


class History:
    """The reviews of one card, as rows `(at, rating, predicted, voids)`, and the card that they give.

    Moments are seconds from `EPOCH`; `voids` is the place of the row that is undone.
    """

    def __init__(self, random):
        from practice.models import Card, Review

        at = EPOCH - timedelta(seconds=random.randrange(DAYS * 86400))
        reviews: list = []
        while at < EPOCH and len(reviews) < LONGEST:
            reviews.append(Review(at=at, rating=random.choices([1, 2, 3, 4], [15, 20, 50, 15])[0]))
            self.card = Card.of(0, "", reviews)[0]
            at = self.card.due + timedelta(seconds=random.randrange(2 * 86400))
            if random.random() > STAYS:
                break
        self.reviews = [(seconds(each.at), each.rating, each.predicted, None) for each in reviews]
        if random.random() < UNDONE:
            self.reviews += self._undone(random)

    def _undone(self, random):
        """A review that was undone a moment after it, and what undoes it."""
        at = seconds(EPOCH) - random.randrange(86400)
        return [(at, 1, None, None), (at + 5, None, None, len(self.reviews))]

    @property
    def card_values(self):
        from practice.models import Card

        return [
            seconds(value) if isinstance(value := getattr(self.card, name), datetime) else value
            for name in Card.KEPT
        ]


def seconds(moment):
    return int((moment - EPOCH).total_seconds())


# Tables that the rows are made of


def fill_sources(histories):
    """Temporary tables: questions and histories, each numbered from 0 on, and the rows of histories."""
    from practice.models import Card
    from questions.models import Question, Role

    _fill("bench_question", {"uid": "text"}, Question.objects.published().order_by("pk").values_list("uid"))
    steps = Role.objects.published().filter(steps__isnull=False).order_by("pk", "steps__pk")
    _fill("bench_step", {"uid": "text", "step": "text"}, steps.values_list("uid", "steps__key"))
    _fill("bench_history", dict.fromkeys(Card.KEPT, NUMBER), [each.card_values for each in histories])
    rows = [
        (number, place, at, rating, voids, predicted)
        for number, each in enumerate(histories)
        for place, (at, rating, predicted, voids) in enumerate(each.reviews)
    ]
    names = dict.fromkeys(["history", "place", "at", "rating", "voids"], "integer") | {"predicted": NUMBER}
    _fill("bench_review", names, rows)
    _execute("CREATE INDEX bench_review_history ON bench_review (history)")


NUMBER = "double precision"


def _fill(table, columns, rows):
    definitions = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    _execute(f"CREATE TEMPORARY TABLE {table} (n integer PRIMARY KEY, {definitions})")
    marks = ", ".join(["%s"] * (len(columns) + 1))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", [(n, *row) for n, row in enumerate(rows)])


def _execute(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchone() if cursor.description else None


def _count(table):
    return _execute(f"SELECT count(*) FROM {table}")[0]


# Rows of learners


class Rows:
    """What the `number` learners have, in the SQL of the database.

    Card `n` of learner `id` is of question `id * 37 + n`, and has history `id * 31 + n * 17`.
    """

    def __init__(self, number, cards):
        self.number, self.cards = number, cards
        self.questions, self.steps = _count("bench_question"), _count("bench_step")

    def question(self, n):
        return f"JOIN bench_question question ON question.n = (learner.id * 37 + {n}) % {self.questions}"

    def learners(self):
        """Keys that are spread, as random ones are, and in order, so that their index is filled quickly."""
        key = hexadecimal(f"n * {2**62 // self.number}", "n")
        _execute(
            "WITH RECURSIVE numbers (n) AS "
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {self.number}) "
            "INSERT INTO practice_learner (id, key, time_zone, day_start, recovery, browser, created, seen) "
            f"SELECT n, {key}, 'Europe/Berlin', 4, '', '', {moment(-100 * 86400)}, {moment(0)} FROM numbers"
        )

    def of_card(self, n):
        """Card `n` of each learner, with its reviews."""
        from practice.models import Card

        parts = (
            f"FROM practice_learner learner {self.question(n)} JOIN bench_history history "
            f"ON history.n = (learner.id * 31 + {n * 17}) % {HISTORIES}"
        )
        # Where each learner's days lie, so that not all learners do everything at once.
        shift = f"- learner.id * 7919 % {IDLE * 86400}"
        values = [
            moment(f"history.{name} {shift}") if name in ("due", "last_review") else f"history.{name}"
            for name in Card.KEPT
        ]
        _execute(
            f"INSERT INTO practice_card (learner_id, question_id, {', '.join(Card.KEPT)}) "
            f"SELECT learner.id, question.uid, {', '.join(values)} {parts}"
        )
        first = f"(CAST({n} AS bigint) * {self.number} + learner.id) * {ROWS}"
        key = hexadecimal(
            f"({first} + review.place) * {2**62 // (self.cards + 1) // self.number // ROWS}", "review.n"
        )
        _execute(
            "INSERT INTO practice_review "
            "(id, learner_id, question_id, key, rating, voids_id, at, words, predicted) "
            f"SELECT {first} + review.place, learner.id, question.uid, {uuid(key)}, review.rating, "
            f"{first} + review.voids, {moment(f'review.at {shift}')}, '', review.predicted "
            f"{parts} JOIN bench_review review ON review.history = history.n ORDER BY 1"
        )

    def shelf(self):
        for n in range(min(self.cards, BOOKMARKS)):
            self._kept("bookmark", "created", n)
        for n in range(min(self.cards, NOTES)):
            self._kept("note", "changed, text", n, ", 'What I would say: ' || question.uid")
        for n in range(min(self.steps, STEPS)):
            _execute(
                "INSERT INTO practice_steptick (learner_id, role_id, step, created) "
                f"SELECT learner.id, step.uid, step.step, {moment(-86400)} FROM practice_learner learner "
                f"JOIN bench_step step ON step.n = (learner.id * 37 + {n}) % {self.steps}"
            )

    def _kept(self, table, columns, n, values=""):
        _execute(
            f"INSERT INTO practice_{table} (learner_id, question_id, {columns}) "
            f"SELECT learner.id, question.uid, {moment(-86400 * (n + 1))}{values} "
            f"FROM practice_learner learner {self.question(n)}"
        )


def moment(offset):
    """The SQL of a moment, so many seconds after `EPOCH`."""
    at = f"{int(EPOCH.timestamp())} + {offset}"
    if connection.vendor == "sqlite":
        return f"datetime({at}, 'unixepoch')"
    return f"to_timestamp({at})"


def hexadecimal(high, low):
    """The SQL of 128 bits from two numbers."""
    if connection.vendor == "sqlite":
        return f"printf('%016x%016x', {high}, {low})"
    return f"lpad(to_hex({high}), 16, '0') || lpad(to_hex({low}), 16, '0')"


def uuid(text):
    return text if connection.vendor == "sqlite" else f"({text})::uuid"


# The command


def make(number, cards):
    """Add `number` learners with `cards` each to a bank that has none."""
    random = Random(1)
    fill_sources([History(random) for _each in range(HISTORIES)])
    rows = Rows(number, cards)
    if cards > rows.questions:
        raise SystemExit(f"{cards} cards are too many: {rows.questions} questions are published.")
    rows.learners()
    with without_indexes():
        for n in range(cards):
            rows.of_card(n)
            if (n + 1) % 50 == 0:
                print(f"{(n + 1) * number:,} of {cards * number:,} cards", flush=True)
    rows.shelf()
    go_on_numbering()


@contextmanager
def without_indexes():
    """Make indexes when the tables are full, from rows in order."""
    from practice.models import Card, Review

    found = [(model, index) for model in (Card, Review) for index in model._meta.indexes]
    with connection.schema_editor() as editor:
        for model, index in found:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for model, index in found:
            editor.add_index(model, index)


def go_on_numbering():
    """Let PostgreSQL number rows after those whose numbers were given."""
    from django.core.management.color import no_style

    from practice.models import Learner, Review

    for sql in connection.ops.sequence_reset_sql(no_style(), [Learner, Review]):
        _execute(sql)


def hurry():
    """Nothing is kept of a database that was not filled to its end."""
    if connection.vendor == "sqlite":
        _execute(f"PRAGMA cache_size = -{CACHE_MB * 1000}")
        _execute("PRAGMA synchronous = OFF")
        _execute("PRAGMA journal_mode = OFF")
        _execute("PRAGMA temp_store = MEMORY")
    else:
        _execute("SET session_replication_role = replica")  # foreign keys are right as they are made
        _execute("SET maintenance_work_mem = '500MB'")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("learners", type=int)
    parser.add_argument("cards", type=int, help="of each learner")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
    django.setup()
    from interviewprep import statistics

    began = time.monotonic()
    hurry()
    make(options.learners, options.cards)
    statistics.gather()
    counts = ", ".join(f"{_count(f'practice_{name}'):,} {name}s" for name in ("learner", "card", "review"))
    print(f"Made {counts} in {time.monotonic() - began:,.1f} s.")


if __name__ == "__main__":
    main()
