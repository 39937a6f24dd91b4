"""Imports: what files held, item by item, beside the planned change set that makes documents of it.

What can become a document is a change of the set. Everything else that a curator has to see is in the
`Import`: the verdicts, what is the same or wrong, the lines that are left over. `questions.importing`
fills it and works on it.
"""

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .changes import PLAN_LIFETIME, REVIEW, ChangeSet
from .refusals import Closed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.contrib.auth.models import User


class ImportQuerySet(models.QuerySet["Import"]):
    def seen_by(self, user: "User") -> Self:
        """All for an Editor; for a Writer their own."""
        return self if user.has_perm(REVIEW) else self.filter(changeset__author=user)

    def waiting(self) -> Self:
        """Those that nobody has applied yet."""
        return self.filter(changeset__state=ChangeSet.State.PLANNED)

    def for_list(self) -> Self:
        """With what a list shows, without the items."""
        rows = self.select_related("changeset__author", "changeset__undone_by__author")
        return rows.defer("items", "left_over", "warnings", "role").order_by("-pk")


class Import(models.Model):
    """What was found in files, and what is to become of it."""

    changeset = models.OneToOneField(ChangeSet, models.CASCADE, related_name="imported")
    names = models.JSONField(default=list)  # of the files
    forms = models.JSONField(default=list)  # what each was read as
    items = models.JSONField(default=list)
    left_over = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    role = models.JSONField(null=True)  # the role that the file describes
    choices = models.JSONField(default=dict)  # as what the items come in
    counts = models.JSONField(default=dict)  # items of each verdict; once applied, what came in as "outcome"
    version = models.PositiveIntegerField(default=0)  # rises when a choice or an item changes

    is_touched = True  # whether `locked()` has something to save

    objects: ClassVar = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()
        ordering = ["-pk"]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """The files in a person's words."""
        return ", ".join(self.names)

    @property
    def size(self) -> int:
        """How many items there are, without reading them."""
        return self.counts.get("all", 0)

    @property
    def came_in(self) -> bool:
        """Whether it was applied, and is not undone since."""
        is_applied = self.changeset.state == ChangeSet.State.APPLIED
        return is_applied and getattr(self.changeset, "undone_by", None) is None

    @property
    def outcome(self) -> dict[str, int]:
        """What was made, once it is applied."""
        return self.counts.get("outcome", {})

    @property
    def total(self) -> int:
        """How many questions came in."""
        return sum(number for name, number in self.outcome.items() if name != "roles")

    @property
    def kept_until(self) -> "datetime":
        """When it is removed, unless somebody applies it first."""
        return self.changeset.created + PLAN_LIFETIME

    @contextmanager
    def locked(self) -> "Iterator[Import]":
        """This row as it is now, held until the block ends and saved then. Raises Closed."""
        with transaction.atomic():
            row = Import.objects.select_for_update().select_related("changeset").get(pk=self.pk)
            if row.changeset.state != ChangeSet.State.PLANNED:
                raise Closed(gettext("This import is closed already."))
            yield row
            if row.is_touched:
                row.version += 1
                row.save()


UPLOAD_LIFETIME = timedelta(hours=2)  # then what was sent and not read to its end is removed


class UploadQuerySet(models.QuerySet["Upload"]):
    def begin(self, key: str, user: "User", name: str = "", content: bytes | None = None) -> "Upload | None":
        """A new row in place of the user's former ones; None where `key` is being read already."""
        self.filter(Q(created__lt=timezone.now() - UPLOAD_LIFETIME) | Q(user=user, content=None)).exclude(
            key=key
        ).delete()
        if content is not None:  # one at a time for each person, so that they stay few
            self.filter(user=user).exclude(content=None).delete()
        upload, is_new = self.get_or_create(
            key=key, defaults={"user": user, "name": name, "content": content}
        )
        return upload if is_new else None


class Upload(models.Model):
    """Files that somebody has sent: how far they are read, or one whose columns have to be named."""

    key = models.CharField(max_length=32, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    objects: ClassVar = UploadQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self):
        return self.name or self.key

    def note(self, done: int, total: int) -> None:
        """Say how far the reading is."""
        Upload.objects.filter(pk=self.pk).update(done=done, total=total)
