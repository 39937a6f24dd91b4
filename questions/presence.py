"""Who has a form open: a soft note for colleagues, and no lock.

A row says that a user has a document open. The form writes it when it is opened, its script renews it, and
it expires by itself. Nothing depends on it, so whatever the database does, a form works without it.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

EXPIRES_AFTER = timedelta(minutes=2)  # without a sign of life
SIGN_EVERY = timedelta(seconds=45)  # how often a page that is in sight gives one
PATIENCE = 250  # milliseconds to wait for another who writes

log = logging.getLogger(__name__)


class PresenceQuerySet(models.QuerySet["Presence"]):
    def sign(
        self, user_id: int, kind: str, uid: str, exists: Callable[[], bool] = lambda: True
    ) -> "Present | None":
        """Note that a user has a document open. Returns who else has, or None where nobody can tell.

        `exists` is asked about the document at a user's first sign of life; Presence.DoesNotExist is raised
        where it says no. Two queries, and a third where others have gone without a word.
        """
        try:
            with _patience(), transaction.atomic():
                return self._sign(user_id, kind, uid, exists, timezone.now())
        except DatabaseError as error:  # locked, full or read-only
            log.info("Nobody can tell who has %s %s open. %s", kind, uid, error)
            return None

    def _sign(self, user_id, kind, uid, exists, now):
        row = self.model(user_id=user_id, kind=kind, uid=uid, opened=now, seen=now)
        here = self.filter(Q(kind=kind, uid=uid) | Q(seen__lt=now - EXPIRES_AFTER)).select_related("user")
        expired, others, renews = [], [], False
        for other in here:
            if other.seen < now - EXPIRES_AFTER:
                expired.append(other.pk)
            elif other.user_id == user_id:
                renews = True
            else:
                others.append(other)
        if not renews and not exists():
            raise Presence.DoesNotExist
        if expired:
            self.filter(pk__in=expired, seen__lt=now - EXPIRES_AFTER).delete()
        self.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["user", "kind", "uid"],
            update_fields=["seen"] if renews else ["seen", "opened"],
        )
        return Present(now, sorted(others, key=lambda other: other.opened))

    def leave(self, user_id: int, kind: str, uid: str, seen: datetime) -> None:
        """Forget that a user has a document open, unless another page of theirs gave a sign after `seen`."""
        try:
            with _patience(), transaction.atomic():
                self.filter(user=user_id, kind=kind, uid=uid, seen__lte=seen).delete()
        except DatabaseError as error:
            log.info("%s %s is noted as open for a while longer. %s", kind, uid, error)


class Presence(models.Model):
    """A user has a form open."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    uid = models.CharField(max_length=100)
    opened = models.DateTimeField()
    seen = models.DateTimeField()  # the last sign of life

    objects: ClassVar = PresenceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind", "uid"], name="presence_once")]
        indexes = [
            models.Index(fields=["kind", "uid"], name="presence_document"),
            models.Index(fields=["seen"], name="presence_seen"),
        ]

    def __str__(self):
        return f"{self.user}, {self.kind} {self.uid}"


class Present(NamedTuple):
    """Who `others` has a document open, as of a sign of life at `seen`."""

    seen: datetime
    others: list[Presence]

    @property
    def stamp(self) -> str:
        """The moment, for the page to name when it is left."""
        return self.seen.isoformat()

    @property
    def note(self) -> str:
        """What the form says of them; empty where nobody else is here."""
        if not self.others:
            return ""
        if len(self.others) == 1:
            facts = {"name": self.others[0].user, "time": _time(self.others[0].opened)}
            return (
                _("%(name)s has this open, since %(time)s. Whoever saves second is shown both versions.")
                % facts
            )
        people = [
            _("%(name)s (since %(time)s)") % {"name": other.user, "time": _time(other.opened)}
            for other in self.others
        ]
        text = _("%(names)s have this open. Whoever saves second is shown both versions.")
        return text % {"names": get_text_list(people, _("and"))}


def _time(moment):
    local = timezone.localtime(moment)
    return date_format(local, "G:i" if local.date() == timezone.localdate() else "j M, G:i")


@contextmanager
def _patience() -> Iterator[None]:
    """Wait for another who writes only for a moment: a form would otherwise open when an import is over."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = _busy_timeout(PATIENCE)
    try:
        yield
    finally:
        _busy_timeout(usual)


def _busy_timeout(milliseconds):
    """Set how long SQLite waits for another who writes; returns how long it did before."""
    connection.ensure_connection()
    with connection.wrap_database_errors:
        [before] = connection.connection.execute("PRAGMA busy_timeout").fetchone()
        connection.connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
    return before
