"""What every row of the bank has in common: its writes are recorded, and it has an identity.

`models` builds the bank on it, and so do the apps that add parts to a role's document.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import markdown
from .changes import Change, ChangeSet, ContentVersion
from .documents import former_slugs_after, in_batches
from .fields import (
    SlugField,
    SlugsField,
    markdown_fields,
    render_markdown,
    rendered_columns,
    slug_of,
    with_html,
)
from .recording import Recorder, record, recorder
from .text import fold
from .writing import unrecorded

_LIVE = _("“%(slug)s” is the address of another page, so it cannot redirect here.")
_TAKEN = _("“%(slug)s” redirects to another page: choose another.")


RecordedRow = TypeVar("RecordedRow", bound="Recorded")
DocumentRow = TypeVar("DocumentRow", bound="Document")
PartRow = TypeVar("PartRow", bound="Part")


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """A constraint that keeps `field` among `choices`."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def not_empty(field: str, name: str) -> models.CheckConstraint:
    """A constraint that keeps the text `field` from being empty or blank."""
    condition = GreaterThan(Length(Trim(F(field))), 0)
    return models.CheckConstraint(
        condition=condition, name=name, violation_error_message=_("A text is missing.")
    )


class RecordedQuerySet(models.QuerySet[RecordedRow]):
    """Rows of the bank whose writes are recorded, by whichever method they are made."""

    def touching(self) -> dict[str, list[str]]:
        """`{kind: uids}` of the documents that change when these rows do."""
        raise NotImplementedError

    def deleting(self) -> dict[str, list[str]]:
        """`{kind: uids}` of the documents that change when these rows are deleted."""
        return self.touching()

    def check_update(self, values: Mapping[str, Any]) -> None:
        """Raise TypeError where `update()` of `values` would bypass a rule of the bank."""
        self.model.refuse_derived(values)
        for field in markdown_fields(self.model):
            if not isinstance(values.get(field.name, ""), str):
                raise TypeError(f"{field.name} is rendered when it is written: use save(), or a plain text.")

    def update(self, **values: Any) -> int:
        self.check_update(values)
        with record() as recorder:
            recorder.touch_all(self.touching())
            # A row that joins this filter from now on was not touched: it is not for this update.
            touched = self.filter(pk__in=list(self.values_list("pk", flat=True)))
            recorder.touch_all(touched.touching())
            return super(RecordedQuerySet, touched).update(**with_html(self.model, values))

    def bulk_update(
        self, objs: Iterable[RecordedRow], fields: Iterable[str], *args: Any, **kwargs: Any
    ) -> int:
        self.check_update(dict.fromkeys(fields, models.Case()))  # it is what Django makes of them
        with record():  # one act, in however many batches
            return super().bulk_update(objs, fields, *args, **kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        with record() as recorder:
            recorder.touch_all(self.touching())  # first, for it locks: nobody can refer to them from now on
            recorder.touch_all(self.deleting())
            return super().delete()

    delete.queryset_only = True  # type: ignore[attr-defined]  # as Django's: managers have no delete()

    def bulk_create(self, *args: Any, **kwargs: Any) -> list[RecordedRow]:
        raise TypeError("bulk_create() bypasses the rules of the bank: use save(), or apply a change set.")

    def rendered_before(self, version: int) -> Self:
        """Rows whose HTML an older renderer made."""
        return self.filter(rendered_by__lt=version)

    def rerender(self, *, dry_run: bool = False) -> int:
        """Make the HTML of these rows again, in batches; returns their number. No words change."""
        names = [field.name for field in markdown_fields(self.model)]
        pks = list(self.values_list("pk", flat=True))
        for batch in in_batches([] if dry_run else pks):
            with transaction.atomic():
                for row in unrecorded(self.model).select_for_update().filter(pk__in=batch):
                    values = with_html(self.model, {name: getattr(row, name) for name in names})
                    unrecorded(self.model).filter(pk=row.pk).update(**values)
                ContentVersion.advance()
        return len(pks)

    rerender.alters_data = True  # type: ignore[attr-defined]  # templates may not call it


class Recorded(models.Model):
    """A row of the bank: saving and deleting it is recorded as a change."""

    derived: ClassVar[frozenset[str]] = frozenset()  # columns that the recorder alone writes

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # managers of related rows write by it

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        if update_fields and set(update_fields) <= self.derived_columns():
            self.refuse_derived(update_fields)
        super().save(*args, update_fields=update_fields, **kwargs)

    def save_base(
        self,
        raw: bool = False,
        force_insert: bool | tuple[models.base.ModelBase, ...] = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """`save()`, `create()` and their like all come here; fixtures have `record_fixtures()`."""
        if update_fields is None and not force_insert and self._base_rows().exists():
            update_fields = [field.name for field in self._meta.concrete_fields if not field.primary_key]
        if update_fields is not None:
            # This instance may be older than its row: it does not write what follows from other fields.
            update_fields = set(update_fields) - self.derived_columns()
            update_fields = frozenset(update_fields | self.derived_fields(update_fields))
        with record() as recorder:
            self.before_save(recorder, update_fields)
            super().save_base(raw, force_insert, force_update, using, update_fields)

    def _base_rows(self) -> RecordedQuerySet["Recorded"]:
        """The row of this instance, whether it was read or made by hand."""
        return type(self).objects.filter(pk=self.pk)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        row = self._base_rows()
        with record() as recorder:
            recorder.touch_all(row.touching())
            recorder.touch_all(row.deleting())
            return super().delete(*args, **kwargs)

    def get_constraints(self) -> Any:
        """Those that are for `full_clean()`: what a CheckConstraint checks, a field does without a query."""
        return [
            (model, [each for each in constraints if not isinstance(each, models.CheckConstraint)])
            for model, constraints in super().get_constraints()
        ]

    def before_save(self, recorder: Recorder, update_fields: Collection[str] | None) -> None:
        """Fill the fields that follow from others, and let `recorder` remember what is about to change."""
        self.fill(update_fields)
        self.touch(recorder)

    def fill(self, update_fields: Collection[str] | None) -> None:
        """Fill the fields that follow from others."""

    def touch(self, recorder: Recorder) -> None:
        """Let `recorder` remember the documents that change when this row is saved."""
        recorder.touch_all(self._base_rows().touching())

    def derived_fields(self, update_fields: Collection[str]) -> set[str]:
        """The fields to save with `update_fields`, from which they follow."""
        return set()

    @classmethod
    def derived_columns(cls) -> set[str]:
        """Columns that follow from other fields, and are never written by themselves."""
        return {*cls.derived, *rendered_columns(cls)}

    @classmethod
    def refuse_derived(cls, names: Iterable[str]) -> None:
        """Raise TypeError where columns that follow from other fields are to be written by themselves."""
        if refused := sorted(cls.derived_columns() & set(names)):
            text = "%s of %s follows from other fields: save those."
            raise TypeError(text % (", ".join(refused), cls._meta.verbose_name))


@receiver(pre_save)
def record_fixtures(sender: Any, instance: models.Model, raw: bool, **kwargs: Any) -> None:
    """Rows of a fixture bypass `save()`: they have to come inside a `record()`, as `loaddata` does.

    What follows from other fields is made here; an existing row keeps what only the recorder writes.
    """
    if raw and isinstance(instance, Recorded):
        instance.touch(recorder())
        render_markdown(instance)
        for row in instance._base_rows():
            for name in instance.derived:
                setattr(instance, name, getattr(row, name))
        if isinstance(instance, Document):
            instance.before_raw_save(recorder())


class Rendered(Recorded):
    """A row with Markdown, whose HTML is made on save."""

    rendered_by = models.PositiveSmallIntegerField(default=0, editable=False, db_index=True)

    class Meta(Recorded.Meta):
        abstract = True

    def fill(self, update_fields: Collection[str] | None) -> None:
        self.rendered_by = markdown.RENDERER_VERSION
        super().fill(update_fields)

    def derived_fields(self, update_fields: Collection[str]) -> set[str]:
        # Save the HTML only together with its Markdown: this instance may be older than the row.
        texts = {field.name for field in markdown_fields(type(self))}
        columns = rendered_columns(type(self)) if texts & set(update_fields) else []
        return {*super().derived_fields(update_fields), *columns}


class CodePoints(models.Func):
    """An order by code points, whatever collation the database has: folded text sorts alike on both."""

    template = '%(expressions)s COLLATE "C"'

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="%(expressions)s COLLATE BINARY", **context)


class DocumentQuerySet(RecordedQuerySet[DocumentRow]):
    def touching(self) -> dict[str, list[str]]:
        return {self.model.kind: list(self.values_list("uid", flat=True))}

    def check_update(self, values: Mapping[str, Any]) -> None:
        super().check_update(values)
        if "slug" in values:
            raise TypeError("update() would lose the former address: use save().")

    def published(self) -> Self:
        """Those that have a public page."""
        return self.none()

    def undeletable(self) -> Self:
        """Those that are retired where others would be deleted."""
        return self.none()

    def update(self, **values: Any) -> int:
        pks = list(self.values_list("pk", flat=True)) if self.model.named_by in values else []
        with record():
            updated = super().update(**values)
            for row in unrecorded(self.model).filter(pk__in=pks):
                unrecorded(self.model).filter(pk=row.pk).update(sort_key=row.sort_key_now())
            return updated

    def stamp(self, changeset: ChangeSet, changes: Sequence[Change]) -> None:
        """Write what follows from `changes` of documents, which `changeset` has just made."""
        for batch in in_batches(changes):
            rows = unrecorded(self.model).filter(uid__in=[change.uid for change in batch])
            rows.update(version=F("version") + 1)
        FormerSlug.objects.follow(self.model.kind, changes)

    def refuse_slugs(self, owners: Mapping[str, str]) -> dict[str, str]:
        """`{slug: message}` of those in `owners`, `{slug: uid}`, that redirect to other documents."""
        return {
            former.slug: _TAKEN % {"slug": former.slug}
            for batch in in_batches(sorted(owners))
            for former in FormerSlug.objects.filter(kind=self.model.kind, slug__in=batch)
            if former.target != owners[former.slug]
        }

    def free_slug(self, text: str, taken: Iterable[str] = ()) -> str:
        """An address of `text` that no document has or had: with a number at its end, if need be."""
        base = slug_of(text)[:80].strip("-") or self.model.kind
        return numbered(base, {*self.addresses_like(base), *taken})

    def addresses_like(self, slug: str) -> set[str]:
        """The addresses that begin with `slug`, of today and of before."""
        used = self.filter(slug__startswith=slug).order_by().values_list("slug", flat=True)
        former = FormerSlug.objects.filter(kind=self.model.kind, slug__startswith=slug)
        return {*used, *former.values_list("slug", flat=True)}


def numbered(name: str, taken: Collection[str]) -> str:
    """`name`, or the first of `name-2`, `name-3`, … that is not `taken`: the same on every installation."""
    numbers = count(2)
    free = name
    while free in taken:
        free = f"{name}-{next(numbers)}"
    return free


class Document(Recorded):
    """What a document is made from: an identity for files and history, and a version.

    The uid is the slug with which the row was made, so that files need not name both. It never
    changes. Slugs that were public and redirect here are a part of the document.
    """

    kind: ClassVar[str] = ""
    named_by: ClassVar[str] = "name"  # the field that people know it by
    derived: ClassVar = frozenset({"uid", "version", "sort_key"})

    uid = models.CharField(_("id"), max_length=100, unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    slug = SlugField(
        _("address"),
        unique=True,
        blank=True,
        help_text=_("The last part of the address. Left empty, it is made from the text."),
    )
    former_slugs = SlugsField(
        _("former addresses"),
        help_text=_("They redirect here, and are free for others once they are taken out. One to a line."),
    )
    sort_key = models.CharField(max_length=100, default="", editable=False, db_index=True)

    objects: ClassVar = DocumentQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = True

    _read_former_slugs: tuple[str, ...] = ()  # as this instance was read

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **fetch_mode: Any) -> Any:  # since Django 6.1
        row = super().from_db(db, field_names, values, **fetch_mode)
        if "former_slugs" in field_names:
            row._read_former_slugs = tuple(row.former_slugs)
        return row

    @property
    def was_public(self) -> bool:
        """Whether its address was ever public, so that it has to redirect."""
        return True

    def sort_key_now(self) -> str:
        return fold(str(self))[:100]

    def clean(self) -> None:
        super().clean()
        self.slug = self.slug or type(self).objects.free_slug(str(self))
        self._check_slugs()
        self.check_whole()

    def check_whole(self) -> None:
        """Raise ValidationError, by field, where something is missing for what the row wants to be."""

    def before_save(self, recorder: Recorder, update_fields: Collection[str] | None) -> None:
        super().before_save(recorder, update_fields)
        saved = recorder.saved(self.kind, self.uid)
        self.version = saved.version  # never the one that this instance was read with
        if saved.document and (update_fields is None or "slug" in update_fields):
            # This instance may be older than its row: only what was taken out of it is let go.
            freed = set(self._read_former_slugs) - set(self.former_slugs)
            former = {*saved.document["former"], *self.former_slugs} - freed
            self.former_slugs = former_slugs_after(saved, {"slug": self.slug, "former": former})
        self._read_former_slugs = tuple(self.former_slugs)

    def before_raw_save(self, recorder: Recorder) -> None:
        """What a row of a fixture needs that `before_save()` would have done."""
        self.sort_key = self.sort_key_now()
        saved = recorder.saved(self.kind, self.uid)
        if saved.document:
            former = {*saved.document["former"], *self.former_slugs}
            self.former_slugs = former_slugs_after(saved, {"slug": self.slug, "former": former})

    def fill(self, update_fields: Collection[str] | None) -> None:
        if update_fields is None or "slug" in update_fields:
            # Cleaned now, and not only as it is written: the uid is made of it.
            slug_field: Any = self._meta.get_field("slug")
            self.slug = slug_field.cleaned(self.slug) or type(self).objects.free_slug(str(self))
            self._check_slugs()
        self.uid = self.uid or self._new_uid()
        self.sort_key = self.sort_key_now()
        super().fill(update_fields)

    def derived_fields(self, update_fields: Collection[str]) -> set[str]:
        follow = {"slug": "former_slugs", self.named_by: "sort_key"}
        derived = {derived for name, derived in follow.items() if name in update_fields}
        return super().derived_fields(update_fields) | derived

    def touch(self, recorder: Recorder) -> None:
        for uid in unrecorded(type(self)).filter(pk=self.pk).values_list("uid", flat=True):
            if uid != self.uid:
                raise ValueError(
                    gettext("The id of a document never changes: “%(uid)s” stays.") % {"uid": uid}
                )
        recorder.touch(self.kind, [self.uid])

    def _check_slugs(self):
        owners = dict.fromkeys([self.slug, *self.former_slugs], self.uid)
        for slug, message in type(self).objects.refuse_slugs(owners).items():
            raise ValidationError({"slug" if slug == self.slug else "former_slugs": message})
        added = set(self.former_slugs) - set(self._read_former_slugs)
        live = type(self)._base_manager.filter(slug__in=added).exclude(uid=self.uid)
        for slug in live.values_list("slug", flat=True):
            raise ValidationError({"former_slugs": _LIVE % {"slug": slug}})

    def _new_uid(self):
        # A document deleted long ago keeps its identity, in case somebody restores it.
        past = Change.objects.filter(kind=self.kind, uid__startswith=self.slug).values_list("uid", flat=True)
        used = unrecorded(type(self)).filter(uid__startswith=self.slug).values_list("uid", flat=True)
        return numbered(self.slug, {*past.order_by(), *used})


def _refuse(*args: Any, **kwargs: Any) -> Any:
    raise TypeError("A former address is a part of its document: change its former_slugs.")


class FormerSlugQuerySet(models.QuerySet["FormerSlug"]):
    """Written by `follow()` alone: a former slug is a part of its document, which history knows."""

    def follow(self, kind: str, changes: Iterable[Change]) -> None:
        """Make the rows equal to the former slugs of documents of `kind` that `changes` have changed."""
        rows = unrecorded(self.model)
        changed = [c for c in changes if _former(c.before) != _former(c.after)]
        for batch in in_batches(changed):
            rows.filter(kind=kind, target__in=[change.uid for change in batch]).delete()
        rows.bulk_create(
            self.model(kind=kind, slug=slug, target=c.uid) for c in changed for slug in _former(c.after)
        )

    update = delete = bulk_create = _refuse


def _former(document):
    return (document or {}).get("former", [])


class FormerSlug(models.Model):
    """A slug that redirects for ever: the index of the former slugs of all documents.

    The target is a uid, so that there are no chains.
    """

    kind = models.CharField(_("kind"), max_length=20)
    slug = SlugField(_("address"))
    target = models.CharField(_("id"), max_length=100)

    objects = FormerSlugQuerySet.as_manager()

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        ordering = ["kind", "slug", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="formerslug_once")]
        base_manager_name = "objects"

    def __str__(self):
        return self.slug

    save = delete = _refuse


class PartQuerySet(RecordedQuerySet[PartRow]):
    """Rows that belong to documents: see `Part`."""

    def touching(self) -> dict[str, list[str]]:
        uids = self.values_list(f"{self.model.owner}__uid", flat=True)
        return {self.model.owners().model.kind: list(uids.distinct().order_by())}

    def check_update(self, values: Mapping[str, Any]) -> None:
        super().check_update(values)
        if hasattr(self._owner_in(values), "resolve_expression"):
            raise TypeError(f"Move rows to one {self.model.owner} at a time, and give it itself.")

    def _owner_in(self, values):
        return values.get(self.model.owner, values.get(f"{self.model.owner}_id"))

    def update(self, **values: Any) -> int:
        self.check_update(values)
        owner = self._owner_in(values)
        with record() as recorder:
            if owner is not None:
                recorder.touch_all(self.model.owners().filter(pk=getattr(owner, "pk", owner)).touching())
            return super().update(**values)

    def bulk_create(
        self, objs: Iterable[PartRow], *args: Any, update_fields: Collection[str] | None = None, **kwargs: Any
    ) -> list[PartRow]:
        """As Django's, which related managers use, too."""
        objs = list(objs)
        if update_fields:
            self.model.refuse_derived(update_fields)
            update_fields = {*update_fields, *self.model().derived_fields(update_fields)}
        with record() as recorder:
            pks = {getattr(row, f"{self.model.owner}_id") for row in objs}
            recorder.touch_all(self.model.owners().filter(pk__in=pks).touching())
            recorder.touch_all(self.model.objects.filter(pk__in={row.pk for row in objs}).touching())
            for row in objs:
                row.fill(None)
            self.model.place_last(objs)
            kwargs["update_fields"] = update_fields
            return models.QuerySet.bulk_create(self, objs, *args, **kwargs)


class Part(Recorded):
    """A row that belongs to a document and is a part of it: `owner` names the relation to it."""

    owner: ClassVar[str] = ""

    objects: ClassVar = PartQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = True

    def fill_key(self) -> None:
        """Make the key of the text where the row is known by a key and has none."""

    @classmethod
    def place_last(cls, rows: Sequence[Any]) -> None:
        """Place new `rows` that have no position after those of their owners."""

    @classmethod
    def owners(cls) -> DocumentQuerySet[Document]:
        """All the documents that rows can belong to."""
        relation: Any = cls._meta.get_field(cls.owner)
        return relation.related_model._base_manager.all()

    def touch(self, recorder: Recorder) -> None:
        super().touch(recorder)
        recorder.touch_all(self.owners().filter(pk=getattr(self, f"{self.owner}_id")).touching())
