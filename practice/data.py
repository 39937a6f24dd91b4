"""All that is kept of a learner as one file of JSON, and back. docs/practice-data.md describes it.

What is read is checked whole before anything is written: a file may come from anywhere.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from questions.text import block, fit

from .forms import time_zones
from .models import FAST_CLOCK, WORDS_LENGTH, Bookmark, Card, Learner, Note, Rating, Review, StepTick
from .refusals import Refused

FORMAT, VERSION = "interview-prep-practice", 1
MOST_PARTS = 300_000  # lists and objects of a file: one is a review
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
NOTE_LENGTH = 10 * WORDS_LENGTH  # where notes of several devices were joined
LISTS = ("reviews", "cards", "bookmarks", "notes", "steps")


class Unfit(Refused):
    """A file that is no such file; its text says what is wrong, and where."""

    def __str__(self):
        return str(self.args[0])


# Writing


def write(learner: Learner) -> bytes:
    """All that is kept of `learner`. References are uids, dates are in UTC; what is empty is left out."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "learner": {
            "time_zone": learner.time_zone,
            "day_start": learner.day_start,
            "created": _text(learner.created),
        },
        "reviews": _rows(
            Review.objects.filter(learner=learner).order_by("pk"),
            **{"key": "key", "question": "question", "at": "at", "rating": "rating", "voids": "voids__key"},
            **{"said": "said", "points": "points", "words": "words"},
        ),
        "cards": _rows(
            Card.objects.filter(learner=learner).order_by("question"),
            question="question",
            **{name: name for name in Card.KEPT},
        ),
        "bookmarks": _rows(
            Bookmark.objects.filter(learner=learner).order_by("pk"), question="question", created="created"
        ),
        "notes": _rows(
            Note.objects.filter(learner=learner).order_by("pk"),
            **{"question": "question", "text": "text", "changed": "changed"},
        ),
        "steps": _rows(
            StepTick.objects.filter(learner=learner).order_by("pk"),
            **{"role": "role", "step": "step", "created": "created"},
        ),
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def _rows(queryset, **names):
    """The rows as objects whose keys are those of `names`, with the columns that these have as values."""
    values = queryset.values_list(*names.values())
    return [
        {name: _text(value) for name, value in zip(names, row, strict=True) if value not in (None, "")}
        for row in values.iterator()
    ]


def _text(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID) else value


# Reading


@dataclass
class Everything:
    """What a file holds, as rows without their learner; the voids by the key of the review that is void."""

    settings: dict[str, Any]
    ratings: list[Review] = field(default_factory=list)
    voids: dict[UUID, Review] = field(default_factory=dict)
    bookmarks: list[Bookmark] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    steps: list[StepTick] = field(default_factory=list)

    @property
    def reviews(self) -> list[Review]:
        return [*self.ratings, *self.voids.values()]

    @property
    def standing(self) -> list[Review]:
        return [review for review in self.ratings if review.key not in self.voids]

    @property
    def questions(self) -> set[str]:
        lists: list[list[Any]] = [self.ratings, self.bookmarks, self.notes]
        return {row.question_id for rows in lists for row in rows}


def read(data: bytes) -> Everything:
    """What the file `data` holds. Raises Unfit."""
    whole = _parsed(data)
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise Unfit(_("This is no file of practice: it has to be one that this site, or another one, made."))
    if whole.get("version") != VERSION:
        raise Unfit(
            _("This file is of version %(there)s of the format, and this site reads version %(here)s.")
            % {"there": fit(str(whole.get("version")))[:20], "here": VERSION}
        )
    _only(whole, {"format", "version", "learner", *LISTS}, _("The file"))
    for name in LISTS:
        if not isinstance(whole.setdefault(name, []), list):
            raise Unfit(_("“%(name)s” has to be a list.") % {"name": name})
    found = Everything(_object(whole.get("learner"), _LEARNER, "learner"))
    found.settings.pop("created")
    _read_reviews(found, _objects(whole, "reviews", _REVIEW))
    found.bookmarks = [Bookmark(**values) for values in _objects(whole, "bookmarks", _BOOKMARK)]
    found.notes = [Note(**values) for values in _objects(whole, "notes", _NOTE)]
    found.steps = [StepTick(**values) for values in _objects(whole, "steps", _STEP)]
    _once("bookmarks", (row.question_id for row in found.bookmarks))
    _once("notes", (row.question_id for row in found.notes))
    _once("steps", ((row.role_id, row.step) for row in found.steps))
    return found


def _parsed(data):
    try:
        text = data.decode("utf-8-sig")
        if text.count("{") + text.count("[") > MOST_PARTS:
            raise Unfit(_("This is more than anybody can have practised."))
        return json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_number)
    except RecursionError as error:
        raise Unfit(_("This is no file of practice: it has lists in lists in lists, too deep.")) from error
    except ValueError as error:  # bytes that are no text, and text that is no JSON
        raise Unfit(_("This file cannot be read: it is cut off, or no JSON.")) from error


def _distinct(pairs):
    if len(found := dict(pairs)) != len(pairs):
        raise Unfit(_("In one place, this file says two things under the same name."))
    return found


def _no_number(text):
    raise ValueError(text)


def _read_reviews(found, rows):
    """Sort the reviews into ratings and voids, and see that each void has its rating."""
    _once("reviews", (values["key"] for values in rows))
    _once("reviews", (values["voids"] for values in rows if values["voids"]))
    for values in rows:
        voided = values.pop("voids")
        review = Review(**values)
        _check_review(review, voided)
        if voided is None:
            found.ratings.append(review)
        else:
            found.voids[voided] = review
    questions = {review.key: review.question_id for review in found.ratings}
    if any(questions.get(voided) != void.question_id for voided, void in found.voids.items()):
        raise Unfit(_("A review is to be void that is not in the file."))


def _check_review(review, voided):
    if (review.rating is None) == (voided is None):
        raise Unfit(_("Each review has either a rating, or the key of another one that it voids."))
    if (review.said is None) != (review.points is None) or (review.said or 0) > (review.points or 0):
        raise Unfit(_("A review cannot have more key points said than there were."))


def _once(name, values):
    values = list(values)
    if len(set(values)) != len(values):
        raise Unfit(_("In “%(name)s”, something is there twice.") % {"name": name})


def _objects(whole, name, fields):
    return [_object(value, fields, f"{name}[{number}]") for number, value in enumerate(whole[name])]


def _object(value, fields, place):
    """The values of one object by the names of `fields`: of each what reads it, and whether it has to be."""
    if not isinstance(value, dict):
        raise Unfit(_("“%(place)s” has to be an object.") % {"place": place})
    _only(value, {name.removesuffix("_id") for name in fields}, f"“{place}”")
    return {name: _value(value, name.removesuffix("_id"), how, place) for name, how in fields.items()}


def _value(values, key, how, place):
    of, default = how
    if key not in values and default is not ...:
        return default
    try:
        return of(values.get(key))
    except ValueError as error:
        raise Unfit(f"{place}.{key}: {error}") from error


def _only(values, names, place):
    if unknown := sorted(values.keys() - names):
        raise Unfit(
            _("%(place)s has something of the name “%(name)s”, which is not known here.")
            % {"place": place, "name": fit(unknown[0])[:40]}
        )


# What reads one value: each raises ValueError with a sentence.


def _a_string(longest: int, clean: Callable[[str], str] = fit) -> Callable[[Any], str]:
    def read(value):
        if not isinstance(value, str) or not (text := clean(value)):
            raise ValueError(_("this has to be a text."))
        if len(text) > longest:
            raise ValueError(_("this has at most %(n)s characters.") % {"n": longest})
        return text

    return read


def _a_number(least: int, most: int) -> Callable[[Any], int]:
    def read(value):
        if type(value) is not int or not least <= value <= most:
            raise ValueError(
                _("this has to be a whole number from %(least)s to %(most)s.")
                % {"least": least, "most": most}
            )
        return value

    return read


def _a_moment(value):
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:  # such as the 30th of February
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(_("this has to be a date with a time, such as 2026-11-28T09:30:00Z."))
    if not EARLIEST <= moment <= timezone.now() + FAST_CLOCK:
        raise ValueError(_("this date is in the future, or too long ago."))
    return moment.astimezone(UTC)


def _a_key(value):
    try:
        return UUID(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(_("this has to be a key (a UUID).")) from None


def _a_time_zone(value):
    if value != "" and value not in time_zones():
        raise ValueError(_("there is no time zone of this name."))
    return value


_uid = _a_string(100)
_words = _a_string(WORDS_LENGTH, block)
_note = _a_string(NOTE_LENGTH, block)
_count = _a_number(0, 1_000)
# By column: what reads the value, and what it is where it is missing; `...`: it may not be.
_LEARNER = {
    "time_zone": (_a_time_zone, ""),
    "day_start": (_a_number(0, 23), ...),
    "created": (_a_moment, None),
}
_REVIEW = {
    "key": (_a_key, ...),
    "question_id": (_uid, ...),
    "at": (_a_moment, ...),
    "rating": (_a_number(min(Rating), max(Rating)), None),
    "voids": (_a_key, None),
    "said": (_count, None),
    "points": (_count, None),
    "words": (_words, ""),
}
_BOOKMARK = {"question_id": (_uid, ...), "created": (_a_moment, ...)}
_NOTE = {
    "question_id": (_uid, ...),
    "text": (_note, ...),
    "changed": (_a_moment, ...),
}
_STEP = {"role_id": (_uid, ...), "step": (_uid, ...), "created": (_a_moment, ...)}
