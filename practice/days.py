"""A learner's days: they begin at an hour of the learner's own, in the learner's own time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """The days of `zone`, which begin at the hour `start`: what is before it is of the day before."""

    zone: ZoneInfo
    start: int

    def begin(self, day: date) -> datetime:
        """The moment (UTC) at which `day` begins, by the clocks there: a day may have 23 or 25 hours."""
        return datetime.combine(day, time(self.start), self.zone).astimezone(UTC)

    def end(self, day: date) -> datetime:
        return self.begin(day + DAY)

    def of(self, moment: datetime) -> date:
        """The day to which an aware `moment` belongs."""
        day = moment.astimezone(self.zone).date()
        return day if moment >= self.begin(day) else day - DAY
