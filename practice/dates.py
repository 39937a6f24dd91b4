"""When a card comes back, in the words of a learner's own days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from math import ceil

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from .days import Days

HOUR = timedelta(hours=1)
WEEK = 7  # days, within which a day is known by its name
MONTHS_FROM = 70  # days, from which on they are told in months
MONTH = 30.4


@dataclass(frozen=True)
class Calendar:
    """A learner's days, seen from the moment `now`."""

    days: Days
    now: datetime

    @cached_property
    def today(self) -> date:
        return self.days.of(self.now)

    @property
    def midnight(self) -> datetime:
        """The moment at which today ends: what is due before it is due today."""
        return self.days.end(self.today)

    def until(self, moment: datetime) -> int:
        """The number of days from today to that of `moment`."""
        return (self.days.of(moment) - self.today).days

    def wait(self, moment: datetime) -> str:
        """How long it is until then: “in 10 minutes”, “tomorrow”, “in 4 days”."""
        if moment <= self.now:
            return gettext("now")
        if moment - self.now < HOUR:
            minutes = self._minutes(moment)
            return ngettext("in %(n)s minute", "in %(n)s minutes", minutes) % {"n": minutes}
        number, near = self.until(moment), [gettext("later today"), gettext("tomorrow")]
        return near[number] if number < len(near) else in_days(number)

    def coming(self, moment: datetime) -> str:
        """When it comes back: the same, but with the names of days within a week: “Sunday”."""
        is_near = 1 < self.until(moment) < WEEK
        return date_format(self.days.of(moment), "l") if is_near else self.wait(moment)

    def choice(self, moment: datetime) -> tuple[str, str]:
        """The same below a rating, at length and in short: “in 4 days, 1 Dec” and “1 Dec”."""
        if moment - self.now < HOUR:
            return self.wait(moment), gettext("%(n)s min") % {"n": self._minutes(moment)}
        short = self.date(moment)
        return gettext("%(when)s, %(date)s") % {"when": self.wait(moment), "date": short}, short

    def since(self, moment: datetime) -> str:
        """Since when it has been due."""
        if self.until(moment) >= 0:
            return gettext("today")
        return gettext("due since %(date)s") % {"date": self.date(moment)}

    def ago(self, moment: datetime) -> str:
        """When it was: “today”, “yesterday”, “18 November”."""
        near = [gettext("today"), gettext("yesterday")]
        number = -self.until(moment)
        return near[number] if number < len(near) else self.day(moment)

    def day(self, moment: datetime) -> str:
        """Its day: “18 November”."""
        return self._date(moment, "j F")

    def date(self, moment: datetime) -> str:
        return self._date(moment, "j M")

    def _date(self, moment, form):
        day = self.days.of(moment)
        return date_format(day, form if day.year == self.today.year else f"{form} Y")

    def _minutes(self, moment):
        return ceil((moment - self.now) / timedelta(minutes=1))


def in_days(number: int) -> str:
    if number < MONTHS_FROM:
        return ngettext("in %(n)s day", "in %(n)s days", number) % {"n": number}
    months = round(number / MONTH)
    return ngettext("in %(n)s month", "in %(n)s months", months) % {"n": months}
