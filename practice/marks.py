"""What pages of the bank are told of their learner: a small answer of its own, never a part of a page.

Each function makes a part of that answer, as a dict, in a fixed number of queries.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from . import scheduling
from .days import Days
from .models import Card, Learner, Mark

MINUTE, HOUR = 60, 60 * 60  # seconds
MONTH = 30  # days


def wait(due: datetime, days: Days, now: datetime) -> str:
    """When something comes back, as one would say it: “in 10 minutes”, “tomorrow”, “in 4 days”."""
    number = (days.of(due) - days.of(now)).days
    if number > 2 * MONTH:
        months = round(number / MONTH)
        return ngettext("in %(n)s month", "in %(n)s months", months) % {"n": months}
    if number > 1:
        return ngettext("in %(n)s day", "in %(n)s days", number) % {"n": number}
    return gettext("tomorrow") if number == 1 else _wait_today((due - now).total_seconds())


def _wait_today(seconds):
    if seconds >= HOUR:
        hours = round(seconds / HOUR)
        return ngettext("in %(n)s hour", "in %(n)s hours", hours) % {"n": hours}
    minutes = round(seconds / MINUTE)
    if minutes < 1:
        return gettext("now")
    return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}


def of_card(card: Card | None, days: Days) -> dict[str, Any]:
    """A mark and when it comes back, in words, too; no mark where there is no card."""
    if card is None:
        return {"mark": None}
    back = gettext("Comes back %(when)s") % {"when": wait(card.due, days, timezone.now())}
    return {"mark": card.mark, "word": str(card.mark.label), "back": back, "due": card.due.isoformat()}


def of_question(learner: Learner, slug: str) -> dict[str, Any]:
    """The mark of a question, since when it has it, and when each mark would bring it back now."""
    card = learner.cards.published().filter(question__slug=slug).first()
    if card is None:
        return {"marks": {}}
    now = timezone.now()
    told = gettext("%(mark)s, marked on %(date)s; due %(when)s.") % {
        "mark": card.mark.label,
        "date": date_format(card.last_review.astimezone(learner.days.zone), "j F"),
        "when": wait(card.due, learner.days, now),
    }
    dates = scheduling.next_dates(card.known, now)
    waits = {mark.value: wait(dates[mark], learner.days, now) for mark in Mark}
    return {"question": slug, "marks": {slug: card.mark}, "told": told, "waits": waits}


def of_topic(learner: Learner, slug: str) -> dict[str, Any]:
    """The marks of a topic's questions."""
    cards = learner.cards.published().filter(question__topics__slug=slug)
    return {"marks": by_slug(cards.values_list("question__slug", "rating"))}


def by_slug(rows: Any) -> dict[str, Mark]:
    return {slug: Mark.of(rating) for slug, rating in rows}
