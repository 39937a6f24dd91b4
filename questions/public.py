"""Documents with a status: drafts, what is in review, what is public, and what is public no longer."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .changes import Change, ChangeSet
from .documents import in_batches
from .recorded import Document, DocumentQuerySet
from .writing import unrecorded

PublicRow = TypeVar("PublicRow", bound="PublicDocument")


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class PublicQuerySet(DocumentQuerySet[PublicRow]):
    """Documents with a status."""

    def published(self) -> Self:
        """What a visitor may see."""
        return self.filter(status=Status.PUBLISHED)

    def once_published(self) -> Self:
        """What can be retired, but not deleted: addresses of it are in the world."""
        return self.exclude(published_at=None)

    def gone(self) -> Self:
        """What was public and is not any more: its address answers with 410."""
        return self.once_published().filter(status=Status.RETIRED)

    def undeletable(self) -> Self:
        return self.once_published()

    def delete(self) -> tuple[int, dict[str, int]]:
        self.model.refuse_deletion(self.once_published())
        return super().delete()

    delete.queryset_only = True  # type: ignore[attr-defined]  # as Django's: managers have no delete()

    def stamp(self, changeset: ChangeSet, changes: Sequence[Change]) -> None:
        super().stamp(changeset, changes)
        public = [c.uid for c in changes if c.after and c.after["status"] == Status.PUBLISHED]
        for batch in in_batches(public):
            first = unrecorded(self.model).filter(uid__in=batch, published_at=None)
            first.update(published_at=changeset.applied_at, updated=changeset.applied_at)


class PublicDocument(Document):
    """A document with a status: only what is published has a page.

    One that was ever published is retired, not deleted, so that its address can answer with 410.
    """

    derived: ClassVar = Document.derived | {"updated", "published_at"}
    needed_to_publish: ClassVar[tuple[str, ...]] = ()  # the fields that a draft may leave empty

    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    updated = models.DateTimeField(_("updated"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("first published"), null=True, blank=True, editable=False)

    objects: ClassVar = PublicQuerySet.as_manager()

    class Meta(Document.Meta):
        abstract = True

    @property
    def was_public(self) -> bool:
        return self.published_at is not None

    def missing(self) -> list[str]:
        """The names of the fields that are empty, and must not be once it is published."""
        return [name for name in self.needed_to_publish if not getattr(self, name)]

    def check_whole(self) -> None:
        super().check_whole()
        if self.status == Status.PUBLISHED and (missing := self.missing()):
            text = _("It is missing, and what is published needs it. A draft may do without.")
            raise ValidationError(dict.fromkeys(missing, text))

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.refuse_deletion(type(self).objects.once_published().filter(pk=self.pk))
        return super().delete(*args, **kwargs)

    @classmethod
    def refuse_deletion(cls, published: "Iterable[PublicDocument]") -> None:
        """Raise ProtectedError for documents that were published."""
        refused: set[models.Model] = set(published)
        if refused:
            text = _("A %(kind)s that was published is retired, not deleted.")
            raise models.ProtectedError(text % {"kind": cls._meta.verbose_name}, refused)


def whole_if_published(*, text: str, name: str, also: Q | None = None) -> models.CheckConstraint:
    """A constraint that lets only drafts do without `text` (and what the condition `also` requires)."""
    whole = GreaterThan(Length(Trim(F(text))), 0)
    return models.CheckConstraint(
        condition=~Q(status=Status.PUBLISHED) | (Q(whole) & also if also else Q(whole)),
        name=name,
        violation_error_message=_("Something is missing that what is published needs."),
    )
