"""What pages of the bank are told of their learner: a small answer of its own, never a part of a page.

Each function makes a part of that answer, as a dict, in a fixed number of queries.
"""

from typing import Any

from django.utils.translation import gettext

from . import scheduling
from .dates import Calendar
from .models import Card, Learner, Mark


def of_card(card: Card | None, calendar: Calendar) -> dict[str, Any]:
    """A mark and when it comes back, in words, too; no mark where there is no card."""
    if card is None:
        return {"mark": None}
    back = gettext("Comes back %(when)s") % {"when": calendar.wait(card.due)}
    return {"mark": card.mark, "word": str(card.mark.label), "back": back, "due": card.due.isoformat()}


def of_question(learner: Learner, slug: str) -> dict[str, Any]:
    """The mark of a question, since when it has it, and when each mark would bring it back now."""
    card = learner.cards.published().filter(question__slug=slug).first()
    if card is None:
        return {"marks": {}}
    calendar = learner.calendar
    told = gettext("%(mark)s, marked on %(date)s; due %(when)s.") % {
        "mark": card.mark.label,
        "date": calendar.day(card.last_review),
        "when": calendar.wait(card.due),
    }
    dates = scheduling.next_dates(card.known, calendar.now)
    waits = {mark.value: calendar.wait(dates[mark]) for mark in Mark}
    return {"question": slug, "marks": {slug: card.mark}, "told": told, "waits": waits}


def of_topic(learner: Learner, slug: str) -> dict[str, Any]:
    """The marks of a topic's questions."""
    cards = learner.cards.published().filter(question__topics__slug=slug)
    return {"marks": by_slug(cards.values_list("question__slug", "rating"))}


def by_slug(rows: Any) -> dict[str, Mark]:
    return {slug: Mark.of(rating) for slug, rating in rows}
