"""The errors that a change set raises where it cannot do what was requested."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext

if TYPE_CHECKING:
    from .changes import Change

NAMED = 5  # documents that a message lists


class Refusal(Exception):
    """A change set cannot do what was requested. Nothing was written; the message explains why."""


class Conflict(Refusal):
    """Documents have moved on since a change set was made from them; `changes` lists which."""

    def __init__(self, changes: "Sequence[Change]"):
        self.changes = changes
        super().__init__(gettext("Changed in the meantime: %(names)s") % {"names": _named(changes)})


class Closed(Refusal):
    """A change set has been applied or discarded, or is undone already."""


class Incomplete(Refusal):
    """A note that a person has to write is missing, or is too long to be kept whole."""


class Invalid(Refusal):
    """Documents of a change set break rules; `errors` are pairs of a change and a ValidationError by key."""

    def __init__(self, errors: "Sequence[tuple[Change, ValidationError]]"):
        self.errors = errors
        texts = [f"{change.label}: {' '.join(error.messages)}" for change, error in errors]
        super().__init__("; ".join([*texts[:NAMED], *(["…"] if len(texts) > NAMED else [])]))


def _named(changes):
    labels = [change.label for change in changes]
    more = len(labels) - NAMED
    if more <= 0:
        return ", ".join(labels)
    names = {"names": ", ".join(labels[:NAMED]), "more": more}
    return ngettext("%(names)s and %(more)s more", "%(names)s and %(more)s more", more) % names
