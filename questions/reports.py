"""Reports from readers: what somebody found wrong, outdated or unclear in an answer.

They are no documents and never public. Anybody may send one, so what one sender and what all of them can
send is limited here, in the database, for all processes and machines.
"""

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .changes import REVIEW, ChangeSet
from .public import Status
from .recording import record
from .refusals import Closed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from .models import Question

TEXT_LENGTH = 2_000  # characters
HOUR = timedelta(hours=1)
OF_ONE, OF_ALL = 5, 60  # reports within an hour: of one sender, and of all
MOST_OPEN = 1_000  # reports, more than which nobody reads
KEPT = timedelta(days=90)  # for which a closed report stays
RECEIVING = 20_261_129  # the key of an advisory lock; any number that no other program takes


class Closing(NamedTuple):
    """How many reports were closed, and the change set of the public line, if one was added."""

    number: int
    changeset: ChangeSet | None


class TooMany(Exception):
    """A report is not taken now; its text says why, and `seconds` are how long to wait."""

    def __init__(self, text: str, seconds: float):
        super().__init__(text)
        self.seconds = max(60, round(seconds))


class ReportQuerySet(models.QuerySet["Report"]):
    def open(self) -> Self:
        return self.filter(state=Report.State.OPEN)

    def visible_to(self, user: "User") -> Self:
        """Those of questions that `user` may edit: a Writer changes, or proposes to, what is published."""
        return self if user.has_perm(REVIEW) else self.filter(question__status=Status.PUBLISHED)

    def questions(self) -> models.QuerySet[Any, dict[str, Any]]:
        """`{"question", "first", "number"}` of each question with its reports, the oldest first."""
        rows = self.order_by().values("question")
        return rows.annotate(first=Min("created"), number=Count("pk")).order_by("first", "question")

    def receive(self, question: "Question", *, kind: str, text: str, network: str | None) -> None:
        """Take a report; one that is there and open already counts once.

        `network` is the sender's, of which a hash is kept for an hour. Raises TooMany.
        """
        now = timezone.now()
        report = Report(question=question, kind=kind, text=text, created=now)
        report.digest = sha256(text.encode()).hexdigest()
        report.sender = _hash_of(network, now)
        with transaction.atomic():
            _one_at_a_time()
            self.sweep()
            if not self.open().filter(question=question, kind=kind, digest=report.digest).exists():
                self._check_limits(report)
                report.save(force_insert=True)

    def _check_limits(self, report):
        recent = self.filter(created__gt=report.created - HOUR)
        own = recent.filter(sender=report.sender) if report.sender else recent.none()
        for reports, most, text in (
            (own, OF_ONE, _("You have sent %(n)s reports within the hour, which is as many as we take.")),
            (recent, OF_ALL, _("More reports came in within the hour than we take.")),
        ):
            if len(dates := list(reports.order_by("created").values_list("created", flat=True))) >= most:
                wait = dates[-most] + HOUR - report.created
                raise TooMany(text % {"n": most}, wait.total_seconds())
        if self.open().count() >= MOST_OPEN:
            raise TooMany(
                gettext("More reports wait for the editors than they can read."), HOUR.total_seconds()
            )

    def sweep(self) -> None:
        """Forget who sent what after an hour, and closed reports after a while."""
        now = timezone.now()
        rows = Report.objects.all()
        rows.filter(created__lte=now - HOUR).exclude(sender="").update(sender="")
        rows.filter(state=Report.State.CLOSED, closed_at__lt=now - KEPT).delete()

    def close(self, user: "User", question: "Question", *, corrected: bool = False) -> "Closing":
        """Close these, which are of `question`; if `corrected`, with a public line of today.

        Raises PermissionDenied, and Closed where none is open or nobody would see the line.
        """
        if not user.has_perm(REVIEW):
            raise PermissionDenied
        with record(author=user, source=ChangeSet.Source.ADMIN) as recorder:
            recorder.touch("question", [question.uid])  # locked before it is looked at
            rows = self.open().filter(question=question)
            number = rows.update(state=Report.State.CLOSED, closed_by=user, closed_at=timezone.now())
            if not number:
                raise Closed(gettext("Somebody else has closed it already."))
            self.sweep()
            if corrected:
                question.refresh_from_db()
                recorder.changeset.summary = _add_line(question)[:300]
        return Closing(number, recorder.changeset if recorder.changeset.pk else None)


class Report(models.Model):
    """What a reader says of a question."""

    class Kind(models.TextChoices):
        WRONG = "wrong", _("wrong")
        OUTDATED = "outdated", _("outdated")
        UNCLEAR = "unclear", _("unclear")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    question = models.ForeignKey(
        "Question", models.CASCADE, related_name="reports", verbose_name=_("question")
    )
    kind = models.CharField(_("what is it"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("what the reader says"))
    digest = models.CharField(max_length=64, editable=False)  # of the text
    sender = models.CharField(max_length=64, blank=True, editable=False)  # a hash, for an hour
    created = models.DateTimeField(_("sent"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects: ClassVar = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["created", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["wrong", "outdated", "unclear"]), name="report_kind_known"
            ),
            models.CheckConstraint(condition=Q(state__in=["open", "closed"]), name="report_state_known"),
            models.CheckConstraint(condition=~Q(text=""), name="report_text_not_empty"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, closed_by=None)
                | Q(state="closed", closed_at__isnull=False),
                name="report_closed_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["question", "kind", "digest"],
                condition=Q(state="open"),
                name="report_open_once",
            ),
        ]
        indexes = [models.Index(fields=["state", "created"], name="report_state_created")]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.question}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def reopen(self, user: "User") -> bool:
        """Open it again; whether it was closed, and the same words are not open by now."""
        if not user.has_perm(REVIEW):
            raise PermissionDenied
        closed = Report.objects.filter(pk=self.pk, state=self.State.CLOSED)
        try:
            with transaction.atomic():
                return bool(closed.update(state=self.State.OPEN, closed_by=None, closed_at=None))
        except IntegrityError:
            return False


def _add_line(question):
    """Date the public line of `question` to today. Returns what to call that."""
    if question.status != Status.PUBLISHED:
        raise Closed(gettext("Readers do not see the question now, so close it without the public line."))
    question.corrected_on = timezone.localdate()
    question.save(update_fields=["corrected_on"])
    return gettext("Corrected: %(name)s") % {"name": question}


def _hash_of(network, now):
    """A hash of the network by a key of the day; empty where nobody knows the network."""
    if network is None:
        return ""
    return salted_hmac(f"report {now:%Y-%m-%d}", network, algorithm="sha256").hexdigest()


def _one_at_a_time():
    """Let one report at a time be counted and kept, until the transaction ends. SQLite does so anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [RECEIVING])
