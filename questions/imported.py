"""Imports: what files held, item by item, beside the planned change set that makes documents of it.

What can become a document is a change of the set. Everything else that a curator has to see is in the
`Import`: the verdicts, what is the same or wrong, the lines that are left over. `questions.importing`
fills it and works on it.
"""

from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .changes import REVIEW, ChangeSet
from .refusals import Closed

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        rows = self.select_related("changeset__author", "changeset__undone_by")
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
    counts = models.JSONField(default=dict)  # how many items have which verdict; once applied, what came in
    version = models.PositiveIntegerField(default=0)  # rises when a choice or an item changes

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
    def taken(self) -> int:
        """How many items are to come in."""
        return sum(item["taken"] for item in self.items)

    @contextmanager
    def locked(self) -> "Iterator[Import]":
        """This row as it is now, held until the block ends and saved then. Raises Closed."""
        with transaction.atomic():
            row = Import.objects.select_for_update().select_related("changeset").get(pk=self.pk)
            if row.changeset.state != ChangeSet.State.PLANNED:
                raise Closed(gettext("This import is closed already."))
            yield row
            row.version += 1
            row.save()
