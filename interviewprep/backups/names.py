"""The names of backups, and which of a folder are kept."""

import re
import time
from datetime import UTC, datetime

DAYS, WEEKS = 7, 4
_STAMP = "%Y%m%dT%H%M%SZ"


def timestamped(folder, first, end):
    """A new name in a folder: `first`, the time in UTC and `end`."""
    while (path := folder / f"{first}-{datetime.now(UTC).strftime(_STAMP)}{end}").exists():
        time.sleep(0.1)
    return path


def times(folder, first, end):
    """`{path: time}` of the files in a folder that `timestamped()` named so, oldest first."""
    name = re.compile(re.escape(first) + r"-(\d{8}T\d{6}Z)" + re.escape(end))
    found = {}
    for path in sorted(folder.iterdir()):
        if match := name.fullmatch(path.name):
            try:
                found[path] = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
            except ValueError:  # no date
                continue
    return found


def expired(times):
    """Those of `{path: time}` that are the newest neither of one of the last 7 days nor of 4 ISO weeks.

    Only days and weeks that have a backup count, so that old ones do not go while no new ones come.
    """
    newest_of_day = {time.date(): path for path, time in sorted(times.items(), key=_by_time)}
    newest_of_week = {time.isocalendar()[:2]: path for path, time in sorted(times.items(), key=_by_time)}
    kept = {newest_of_day[day] for day in sorted(newest_of_day)[-DAYS:]}
    kept |= {newest_of_week[week] for week in sorted(newest_of_week)[-WEEKS:]}
    return [path for path in times if path not in kept]


def _by_time(item):
    return item[1]
