"""What every row of the bank has in common: its writes are recorded, and it has an identity.

`models` builds the bank on it, and so do the apps that add parts to a role's document.
"""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django.utils.crypto import get_random_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import markdown
from .changes import Change, ContentVersion
from .documents import in_batches
from .fields import SlugField, markdown_fields, rendered_columns, slug_of, with_html
from .recording import record, recorder
from .writing import unrecorded

_TAKEN = _("“%(slug)s” redirects to another page: choose another.")


def one_of(field, choices, name):
    """A constraint that keeps `field` among `choices`."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def not_empty(field, name):
    """A constraint that keeps the text `field` from being empty or blank."""
    condition = GreaterThan(Length(Trim(F(field))), 0)
    return models.CheckConstraint(
        condition=condition, name=name, violation_error_message=_("A text is missing.")
    )


class RecordedQuerySet(models.QuerySet):
    """Rows of the bank whose writes are recorded, by whichever method they are made."""

    def touching(self):
        """`{kind: uids}` of the documents that change when these rows do."""
        raise NotImplementedError

    def deleting(self):
        """`{kind: uids}` of the documents that change when these rows are deleted."""
        return self.touching()

    def check_update(self, values):
        """Raise TypeError where `update()` of `values` would bypass a rule of the bank."""
        self.model.refuse_derived(values)
        for field in markdown_fields(self.model):
            if not isinstance(values.get(field.name, ""), str):
                raise TypeError(f"{field.name} is rendered when it is written: use save(), or a plain text.")

    def update(self, **values):
        self.check_update(values)
        with record() as recorder:
            recorder.touch_all(self.touching())
            return super().update(**with_html(self.model, values))

    update.alters_data = True

    def bulk_update(self, objs, fields, *args, **kwargs):
        self.check_update(dict.fromkeys(fields, models.Case()))  # it is what Django makes of them
        return super().bulk_update(objs, fields, *args, **kwargs)

    bulk_update.alters_data = True

    def delete(self):
        with record() as recorder:
            recorder.touch_all(self.touching())  # first, for it locks: nobody can refer to them from now on
            recorder.touch_all(self.deleting())
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def bulk_create(self, *args, **kwargs):
        raise TypeError("bulk_create() bypasses the rules of the bank: use save(), or apply a change set.")

    def rendered_before(self, version):
        """Rows whose HTML an older renderer made."""
        return self.filter(rendered_by__lt=version)

    def rerender(self, *, dry_run=False):
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

    rerender.alters_data = True


class Recorded(models.Model):
    """A row of the bank: saving and deleting it is recorded as a change."""

    derived = frozenset()  # columns that the recorder alone writes

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # managers of related rows write by it

    def save(self, *args, update_fields=None, **kwargs):
        if update_fields and set(update_fields) <= self.derived_columns():
            self.refuse_derived(update_fields)
        super().save(*args, update_fields=update_fields, **kwargs)

    save.alters_data = True

    def save_base(self, *args, update_fields=None, force_insert=False, **kwargs):
        """The one door of `save()`, `create()` and their like; fixtures have `record_fixtures()`."""
        if update_fields is None and not self._state.adding and not force_insert:
            update_fields = [field.name for field in self._meta.concrete_fields if not field.primary_key]
        if update_fields is not None:
            # This instance may be older than its row: what follows from other fields is not its to say.
            update_fields = set(update_fields) - self.derived_columns()
            update_fields = frozenset(update_fields | self.derived_fields(update_fields))
        with record() as recorder:
            self.before_save(recorder, update_fields)
            super().save_base(*args, update_fields=update_fields, force_insert=force_insert, **kwargs)

    save_base.alters_data = True

    def delete(self, *args, **kwargs):
        row = type(self)._base_manager.filter(pk=self.pk)
        with record() as recorder:
            recorder.touch_all(row.touching())
            recorder.touch_all(row.deleting())
            return super().delete(*args, **kwargs)

    delete.alters_data = True

    def get_constraints(self):
        """Those that are for `full_clean()`: what a CheckConstraint says, a field checks without a query."""
        return [
            (model, [each for each in constraints if not isinstance(each, models.CheckConstraint)])
            for model, constraints in super().get_constraints()
        ]

    def before_save(self, recorder, update_fields):
        """Fill the fields that follow from others, and tell `recorder` what is about to change."""
        self.fill(update_fields)
        self.touch(recorder)

    def fill(self, update_fields):
        """Fill the fields that follow from others."""

    def touch(self, recorder):
        """Tell `recorder` which documents change when this row is saved."""
        recorder.touch_all(type(self)._base_manager.filter(pk=self.pk).touching())

    def derived_fields(self, update_fields):
        """The fields to save with `update_fields`, from which they follow."""
        return set()

    @classmethod
    def derived_columns(cls):
        """Columns that follow from other fields, and are never written by themselves."""
        return {*cls.derived, *rendered_columns(cls)}

    @classmethod
    def refuse_derived(cls, names):
        """Raise TypeError where columns that follow from other fields are to be written by themselves."""
        if refused := sorted(cls.derived_columns() & set(names)):
            text = "%s of %s follows from other fields: save those."
            raise TypeError(text % (", ".join(refused), cls._meta.verbose_name))


@receiver(pre_save)
def record_fixtures(sender, instance, raw, **kwargs):
    """Rows of a fixture bypass `save()`: they have to come inside a `record()`, as `loaddata` does."""
    if raw and isinstance(instance, Recorded):
        instance.touch(recorder())


class Rendered(Recorded):
    """A row with Markdown, whose HTML is made on save."""

    rendered_by = models.PositiveSmallIntegerField(default=0, editable=False, db_index=True)

    class Meta(Recorded.Meta):
        abstract = True

    def fill(self, update_fields):
        self.rendered_by = markdown.RENDERER_VERSION
        super().fill(update_fields)

    def derived_fields(self, update_fields):
        # Save the HTML only together with its Markdown: this instance may be older than the row.
        texts = {field.name for field in markdown_fields(type(self))}
        columns = rendered_columns(type(self)) if texts & set(update_fields) else []
        return {*super().derived_fields(update_fields), *columns}


class DocumentQuerySet(RecordedQuerySet):
    def touching(self):
        return {self.model.kind: list(self.values_list("uid", flat=True))}

    def check_update(self, values):
        super().check_update(values)
        if "slug" in values:
            raise TypeError("update() would lose the former address: use save().")

    def undeletable(self):
        """Those that are retired where others would be deleted."""
        return self.none()

    def stamp(self, changeset, changes):
        """Write what follows from `changes` of documents, which `changeset` has just made."""
        for batch in in_batches(changes):
            rows = unrecorded(self.model).filter(uid__in=[change.uid for change in batch])
            rows.update(version=F("version") + 1)

    stamp.alters_data = True

    def refuse_slugs(self, owners):
        """`{slug: message}` of those in `owners`, `{slug: uid}`, that redirect to other documents."""
        return {
            former.slug: _TAKEN % {"slug": former.slug}
            for batch in in_batches(sorted(owners))
            for former in FormerSlug.objects.filter(kind=self.model.kind, slug__in=batch)
            if former.target != owners[former.slug]
        }

    def redirect(self, moved):
        """Redirect from old slugs to documents: `moved` is `{uid: (old slug, new slug)}`."""
        if not moved:
            return
        mine = FormerSlug.objects.filter(kind=self.model.kind)
        slugs = {new for _old, new in moved.values()}
        for batch in in_batches(sorted(slugs)):
            mine.filter(slug__in=batch).delete()
        FormerSlug.objects.bulk_create(
            (
                FormerSlug(kind=self.model.kind, slug=old, target=uid)
                for uid, (old, _new) in moved.items()
                if old not in slugs
            ),
            update_conflicts=True,
            unique_fields=["kind", "slug"],
            update_fields=["target"],
        )

    redirect.alters_data = True


class Document(Recorded):
    """What a document is made from: an identity for files and history, and a version.

    The uid is the slug with which the row was made, so that files need not name both. It never
    changes.
    """

    kind = ""  # the name of the kind of document
    derived = frozenset({"uid", "version"})

    uid = models.CharField(_("id"), max_length=100, unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    slug = SlugField(
        _("address"),
        unique=True,
        blank=True,
        help_text=_("The last part of the address. Left empty, it is made from the text."),
    )

    objects = DocumentQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = True

    def clean(self):
        super().clean()
        self.slug = self.slug or self._new_slug()
        self._check_slug()

    def before_save(self, recorder, update_fields):
        super().before_save(recorder, update_fields)
        saved = recorder.saved(self.kind, self.uid)
        self.version = saved.version  # never the one that this instance was read with
        old = saved.document and saved.document["slug"]
        if old and old != self.slug and (update_fields is None or "slug" in update_fields):
            type(self).objects.redirect({self.uid: (old, self.slug)})

    def fill(self, update_fields):
        if update_fields is None or "slug" in update_fields:
            self.slug = self.slug or self._new_slug()
            self._check_slug()
        self.uid = self.uid or self._new_uid()
        super().fill(update_fields)

    def touch(self, recorder):
        for uid in unrecorded(type(self)).filter(pk=self.pk).values_list("uid", flat=True):
            if uid != self.uid:
                raise ValueError(
                    gettext("The id of a document never changes: “%(uid)s” stays.") % {"uid": uid}
                )
        recorder.touch(self.kind, [self.uid])

    def _check_slug(self):
        for message in type(self).objects.refuse_slugs({self.slug: self.uid}).values():
            raise ValidationError({"slug": message})

    def _new_slug(self):
        slug = slug_of(str(self))[:80].strip("-") or self.kind
        taken = unrecorded(type(self)).exclude(pk=self.pk).filter(slug=slug).exists()
        if taken or type(self).objects.refuse_slugs({slug: self.uid}):
            return f"{slug}-{get_random_string(5, 'abcdefghjkmnpqrstuvwxyz23456789')}"
        return slug

    def _new_uid(self):
        used = unrecorded(type(self)).filter(uid=self.slug).exists()
        # A document deleted long ago keeps its identity, in case somebody restores it.
        used = used or Change.objects.filter(kind=self.kind, uid=self.slug).exists()
        return f"{self.slug[:90]}-{get_random_string(8).lower()}" if used else self.slug


class PartQuerySet(RecordedQuerySet):
    """Rows that belong to documents: see `Part`."""

    def touching(self):
        uids = self.values_list(f"{self.model.owner}__uid", flat=True)
        return {self.model.owners().model.kind: list(uids.distinct().order_by())}

    def check_update(self, values):
        super().check_update(values)
        if hasattr(self._owner_in(values), "resolve_expression"):
            raise TypeError(f"Move rows to one {self.model.owner} at a time, and give it itself.")

    def _owner_in(self, values):
        return values.get(self.model.owner, values.get(f"{self.model.owner}_id"))

    def update(self, **values):
        self.check_update(values)
        owner = self._owner_in(values)
        with record() as recorder:
            if owner is not None:
                recorder.touch_all(self.model.owners().filter(pk=getattr(owner, "pk", owner)).touching())
            return super().update(**values)

    update.alters_data = True

    def bulk_create(self, objs, *args, **kwargs):
        """As Django's, which related managers use, too."""
        objs = list(objs)
        with record() as recorder:
            pks = {getattr(row, f"{self.model.owner}_id") for row in objs}
            recorder.touch_all(self.model.owners().filter(pk__in=pks).touching())
            recorder.touch_all(self.model._base_manager.filter(pk__in={row.pk for row in objs}).touching())
            for row in objs:
                row.fill(None)
            return models.QuerySet.bulk_create(self, objs, *args, **kwargs)

    bulk_create.alters_data = True


class Part(Recorded):
    """A row that belongs to a document and is a part of it: `owner` names the relation to it."""

    owner = ""

    objects = PartQuerySet.as_manager()

    class Meta(Recorded.Meta):
        abstract = True

    @classmethod
    def owners(cls):
        """All the documents that rows can belong to."""
        return cls._meta.get_field(cls.owner).related_model._base_manager.all()

    def touch(self, recorder):
        super().touch(recorder)
        recorder.touch_all(self.owners().filter(pk=getattr(self, f"{self.owner}_id")).touching())


class FormerSlug(models.Model):
    """A slug that redirects for ever. The target is a uid, so that there are no chains."""

    kind = models.CharField(_("kind"), max_length=20)
    slug = SlugField(_("address"))
    target = models.CharField(_("id"), max_length=100)

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        ordering = ["kind", "slug", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="formerslug_once")]

    def __str__(self):
        return self.slug
