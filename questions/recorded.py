"""What every row of the bank has in common: its writes are recorded, and it has an identity.

`models` builds the bank on it, and so do the apps that add parts to a role's document.
"""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Length, Trim
from django.db.models.lookups import GreaterThan
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from . import markdown
from .changes import Change, ContentVersion, record, unrecorded
from .fields import SlugField, markdown_fields, slug_of, with_html

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

    def update(self, **values):
        if passed_by := {"slug", "uid", "version", "role", "role_id"} & set(values):
            raise TypeError(f"update() of {', '.join(passed_by)} passes by their rules: use save().")
        with record() as recorder:
            recorder.touch_all(self.touching())
            return super().update(**with_html(self.model, values))

    update.alters_data = True

    def delete(self):
        with record() as recorder:
            recorder.touch_all(self.touching())  # first, for it locks: nobody can refer to them from now on
            recorder.touch_all(self.deleting())
            return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def bulk_create(self, *args, **kwargs):
        raise TypeError("bulk_create() passes by history: use save(), or apply a change set.")

    def rendered_before(self, version):
        """Rows whose HTML an older renderer made."""
        return self.filter(rendered_by__lt=version)

    def rerender(self, *, dry_run=False):
        """Make the HTML of these rows anew, in batches; gives their number. No words change."""
        names = [field.name for field in markdown_fields(self.model)]
        pks = list(self.values_list("pk", flat=True))
        for start in range(0, 0 if dry_run else len(pks), 200):
            with transaction.atomic():
                rows = unrecorded(self.model).select_for_update().filter(pk__in=pks[start : start + 200])
                for row in rows:
                    values = with_html(self.model, {name: getattr(row, name) for name in names})
                    same = unrecorded(self.model).filter(pk=row.pk)
                    same.update(**values, rendered_by=markdown.RENDERER_VERSION)
                ContentVersion.advance()
        return len(pks)

    rerender.alters_data = True


class Recorded(models.Model):
    """A row of the bank: saving and deleting it is recorded as a change."""

    objects = RecordedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **kwargs):
        with record() as recorder:
            self.before_save(recorder)
            if update_fields is not None:
                update_fields = {*update_fields, *self.derived_fields(update_fields)}
            super().save(*args, update_fields=update_fields, **kwargs)

    def delete(self, *args, **kwargs):
        row = type(self)._default_manager.filter(pk=self.pk)
        with record() as recorder:
            recorder.touch_all(row.touching())
            recorder.touch_all(row.deleting())
            return super().delete(*args, **kwargs)

    def before_save(self, recorder):
        """Tell `recorder` what is about to change, and fill the fields that follow from others."""

    def derived_fields(self, saved):
        """The fields to save with those in `saved`, from which they follow."""
        return []


@receiver(post_save)
def count_fixtures(sender, raw, **kwargs):
    """Rows of a fixture pass by `save()`: history does not know of them, but readers must."""
    if raw and issubclass(sender, Recorded):
        ContentVersion.advance()


class Rendered(models.Model):
    """A row with Markdown, whose HTML is made on save."""

    rendered_by = models.PositiveSmallIntegerField(default=0, editable=False, db_index=True)

    class Meta:
        abstract = True

    def before_save(self, recorder):
        self.rendered_by = markdown.RENDERER_VERSION
        super().before_save(recorder)

    def derived_fields(self, saved):
        # Only with its words: this object may have been read before others were saved.
        html = [field.html for field in markdown_fields(type(self)) if field.name in saved]
        return [*super().derived_fields(saved), *html, *(["rendered_by"] if html else [])]


class DocumentQuerySet(RecordedQuerySet):
    def touching(self):
        return {self.model.kind: list(self.values_list("uid", flat=True))}


class Document(Recorded):
    """What a document is made from: an identity for files and history, and a version.

    The uid is the slug with which the row was made, so that files need not name both.
    """

    uid = models.CharField(_("id"), max_length=100, unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    slug = SlugField(
        _("address"),
        unique=True,
        blank=True,
        help_text=_("The last part of the address. Left empty, it is made from the text."),
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        self.slug = self.slug or self._new_slug()
        if FormerSlug.objects.taken(self.kind, self.slug, self.uid):
            raise ValidationError({"slug": _TAKEN % {"slug": self.slug}})

    def before_save(self, recorder):
        self.slug = self.slug or self._new_slug()
        self.uid = self.uid or self._new_uid()
        if FormerSlug.objects.taken(self.kind, self.slug, self.uid):
            raise ValidationError({"slug": _TAKEN % {"slug": self.slug}})
        recorder.touch(self.kind, [self.uid])
        # Never the version that this object was read with: the recorder raises the row's own.
        self.version = recorder.version(self.kind, self.uid)
        old = unrecorded(type(self)).filter(pk=self.pk).values_list("slug", flat=True).first()
        if old and old != self.slug:
            FormerSlug.objects.moved(self.kind, self.uid, old, self.slug)
        super().before_save(recorder)

    def remove(self):
        """Delete the row, or what stands for it: see `Question`."""
        self.delete()

    def _new_slug(self):
        slug = slug_of(str(self))[:80].strip("-") or self.kind
        taken = unrecorded(type(self)).exclude(pk=self.pk).filter(slug=slug).exists()
        if taken or FormerSlug.objects.taken(self.kind, slug, self.uid):
            return f"{slug}-{get_random_string(5, 'abcdefghjkmnpqrstuvwxyz23456789')}"
        return slug

    def _new_uid(self):
        used = unrecorded(type(self)).filter(uid=self.slug).exists()
        # A document deleted long ago keeps its identity, for whoever restores it.
        used = used or Change.objects.filter(kind=self.kind, uid=self.slug).exists()
        return f"{self.slug[:90]}-{get_random_string(8).lower()}" if used else self.slug


class FormerSlugQuerySet(models.QuerySet):
    def taken(self, kind, slug, uid):
        """Whether `slug` redirects to another document than `uid`."""
        return self.filter(kind=kind, slug=slug).exclude(target=uid).exists()

    def moved(self, kind, uid, old, new):
        """Redirect from `old` to the document `uid`, which is at `new` now."""
        self.filter(kind=kind, slug=new, target=uid).delete()
        self.update_or_create(kind=kind, slug=old, defaults={"target": uid})


class FormerSlug(models.Model):
    """A slug that redirects for ever. The target is a uid, so that there are no chains."""

    kind = models.CharField(_("kind"), max_length=20)
    slug = SlugField(_("address"))
    target = models.CharField(_("id"), max_length=100)

    objects = FormerSlugQuerySet.as_manager()

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        ordering = ["kind", "slug", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="formerslug_once")]

    def __str__(self):
        return self.slug
