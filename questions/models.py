"""The question bank: categories of roles, roles with their questions, and topics across roles."""

from itertools import groupby

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Case, Count, F, Max, OuterRef, Q, Subquery, Sum, When
from django.db.models.functions import Length, Lower, Trim
from django.db.models.lookups import GreaterThan
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import markdown
from .changes import Change, ChangeSet, ContentVersion, record, recorder, unrecorded
from .fields import LinesField, LinksField, MarkdownField, markdown_fields, with_html

__all__ = ["Change", "ChangeSet", "ContentVersion"]  # models that live in a file of their own


class Status(models.TextChoices):
    DRAFT = "draft", _("draft")
    REVIEW = "review", _("in review")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class Difficulty(models.TextChoices):
    EASY = "easy", _("Easy")
    MEDIUM = "medium", _("Medium")
    HARD = "hard", _("Hard")


def one_of(field, choices, name):
    """A constraint that keeps `field` among `choices`."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def not_empty(field, name):
    """A constraint that keeps the text `field` from being empty or blank."""
    condition = GreaterThan(Length(Trim(F(field))), 0)
    return models.CheckConstraint(
        condition=condition, name=name, violation_error_message=_("A text is missing.")
    )


# What every row of the bank has in common


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
                update_fields = {*update_fields, *self.derived_fields()}
            super().save(*args, update_fields=update_fields, **kwargs)

    def delete(self, *args, **kwargs):
        with record() as recorder:
            recorder.touch_all(type(self)._default_manager.filter(pk=self.pk).deleting())
            return super().delete(*args, **kwargs)

    def before_save(self, recorder):
        """Tell `recorder` what is about to change, and fill the fields that follow from others."""

    def derived_fields(self):
        """The fields to save with any other."""
        return []


class Rendered(models.Model):
    """A row with Markdown, whose HTML is made on save."""

    rendered_by = models.PositiveSmallIntegerField(default=0, editable=False, db_index=True)

    class Meta:
        abstract = True

    def before_save(self, recorder):
        self.rendered_by = markdown.RENDERER_VERSION
        super().before_save(recorder)

    def derived_fields(self):
        html = [field.html for field in markdown_fields(type(self))]
        return [*super().derived_fields(), *html, "rendered_by"]


class DocumentQuerySet(RecordedQuerySet):
    def touching(self):
        return {self.model.kind: list(self.values_list("uid", flat=True))}

    def matching(self, name):
        """Rows of that uid or slug."""
        return self.filter(Q(uid=name) | Q(slug=name))


class Document(Recorded):
    """What a document is made from: an identity for files and history, and a version.

    The uid is the slug with which the row was made, so that files need not name both.
    """

    uid = models.CharField(_("id"), max_length=100, unique=True, editable=False)
    version = models.PositiveIntegerField(_("version"), default=0, editable=False)
    slug = models.SlugField(
        _("address"),
        max_length=100,
        unique=True,
        blank=True,
        allow_unicode=True,
        help_text=_("The last part of the address. Left empty, it is made from the text."),
    )

    objects = DocumentQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        self.slug = self.slug or self._new_slug()
        if FormerSlug.objects.taken(self.kind, self.slug, self.uid):
            raise ValidationError(
                {"slug": _("“%(slug)s” redirects to another page: choose another.") % {"slug": self.slug}}
            )

    def before_save(self, recorder):
        self.slug = self.slug or self._new_slug()
        self.uid = self.uid or self._new_uid()
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
        slug = slugify(str(self), allow_unicode=True)[:80].strip("-") or self.kind
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
    slug = models.SlugField(_("address"), max_length=100, allow_unicode=True)
    target = models.CharField(_("id"), max_length=100)

    objects = FormerSlugQuerySet.as_manager()

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        ordering = ["kind", "slug", "pk"]
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="formerslug_once")]

    def __str__(self):
        return self.slug


class RolePartQuerySet(RecordedQuerySet):
    def published(self):
        """Parts of published roles."""
        return self.filter(role__status=Status.PUBLISHED)

    def touching(self):
        return {"role": list(self.values_list("role__uid", flat=True).distinct().order_by())}


class RolePart(Recorded):
    """A row that belongs to a role and its document, at a position."""

    position = models.PositiveIntegerField(
        _("position"), blank=True, help_text=_("Lower comes first. Left empty, it comes last.")
    )

    objects = RolePartQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def before_save(self, recorder):
        recorder.touch_all(type(self).objects.filter(pk=self.pk).touching())
        recorder.touch("role", [self.role.uid])
        if self.position is None:
            last = type(self).objects.filter(role=self.role).aggregate(last=Max("position"))["last"]
            self.position = (last or 0) + 1
        super().before_save(recorder)


# The bank


class CategoryQuerySet(DocumentQuerySet):
    def published(self):
        """Those with a published role."""
        return self.filter(roles__status=Status.PUBLISHED).distinct()

    def with_roles(self):
        """With `published_roles`, each with its facts: one query more."""
        roles = Role.objects.published().with_facts()
        return self.prefetch_related(models.Prefetch("roles", roles, to_attr="published_roles"))


class Category(Document):
    """A field of work: the home page lists roles by category."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Lower comes first."))

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name", "pk"]
        constraints = [not_empty("name", "category_name_not_empty")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse('home')}#{self.slug}"


class TopicQuerySet(DocumentQuerySet):
    def published(self):
        """Those with a published question."""
        return self.filter(questions__status=Status.PUBLISHED).distinct()

    def with_counts(self):
        """Each with `question_count`, its published questions."""
        public = Q(questions__status=Status.PUBLISHED)
        counted = self.annotate(question_count=Count("questions", filter=public, distinct=True))
        return counted.order_by(*Topic._meta.ordering)  # a GROUP BY drops the order of Meta

    def deleting(self):
        questions = Question.objects.filter(topics__in=self.values("pk"))
        return self.touching() | {"question": list(questions.values_list("uid", flat=True).distinct())}


class Topic(Document):
    """A subject that cuts across roles."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = [Lower("name"), "pk"]
        constraints = [not_empty("name", "topic_name_not_empty")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("topic", args=[self.slug])


class QuestionQuerySet(DocumentQuerySet):
    def published(self):
        """What a visitor may see."""
        return self.filter(status=Status.PUBLISHED)

    def retired(self):
        return self.filter(status=Status.RETIRED)

    def newest(self):
        """The last changed first, with topics."""
        return self.order_by("-updated", "-pk").prefetch_related("topics")

    def by_difficulty(self):
        """From easy to hard."""
        rank = {difficulty: rank for rank, difficulty in enumerate(Difficulty.values)}
        whens = [When(difficulty=difficulty, then=rank) for difficulty, rank in rank.items()]
        return self.order_by(Case(*whens, default=len(rank)), "text", "pk")

    def with_roles(self):
        """With `published_roles`: one query more."""
        roles = Role.objects.published()
        return self.prefetch_related(models.Prefetch("roles", roles, to_attr="published_roles"))

    def counts_by_status(self):
        """`{status: number of questions}`."""
        counts = dict(self.order_by().values_list("status").annotate(n=Count("pk")))
        return {status: counts.get(status, 0) for status in Status.values}

    def sent_back(self):
        """Drafts that an Editor sent back from review, with the `note` that came with them."""
        returns = Change.objects.applied().filter(
            kind="question", uid=OuterRef("uid"), before__status=Status.REVIEW, after__status=Status.DRAFT
        )
        note = Subquery(returns.order_by("-pk").values("changeset__note")[:1])
        return self.filter(status=Status.DRAFT).annotate(note=note).exclude(note=None)

    def once_published(self):
        """What can be retired, but not deleted: addresses of it are in the world."""
        return self.exclude(published_at=None)

    def deleting(self):
        roles = Role.objects.filter(placements__question__in=self.values("pk"))
        return self.touching() | {"role": list(roles.values_list("uid", flat=True).distinct().order_by())}

    def delete(self):
        Question.refuse_deletion(self.once_published())
        return super().delete()

    delete.alters_data = True
    delete.queryset_only = True

    def update(self, **values):
        if values.get("status") == Status.PUBLISHED:
            never = self.filter(published_at=None)
            unrecorded(Question).filter(pk__in=never.values("pk")).update(published_at=timezone.now())
        return super().update(**values, updated=timezone.now())

    update.alters_data = True


class Question(Rendered, Document):
    """A question, written once and placed in any number of roles."""

    text = models.CharField(_("question"), max_length=300, help_text=_("As an interviewer asks it."))
    difficulty = models.CharField(_("difficulty"), max_length=10, choices=Difficulty.choices)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    reviewed_on = models.DateField(
        _("reviewed on"), null=True, blank=True, help_text=_("When somebody last found it right.")
    )
    topics = models.ManyToManyField(Topic, related_name="questions", blank=True, verbose_name=_("topics"))
    answer = MarkdownField(_("answer"), html="answer_html", help_text=_("Markdown."))
    answer_html = models.TextField(editable=False)
    key_points = LinesField(_("key points"), help_text=_("What a good answer must mention: one to a line."))
    follow_ups = LinesField(_("follow-ups"), help_text=_("What may be asked next: one to a line."))
    sources = LinksField(_("sources"), help_text=_("One to a line: Title | https://address"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="questions",
    )
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)
    published_at = models.DateTimeField(_("first published"), null=True, blank=True, editable=False)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["text", "pk"]
        constraints = [
            not_empty("text", "question_text_not_empty"),
            not_empty("answer", "question_answer_not_empty"),
            one_of("difficulty", Difficulty, "question_difficulty_known"),
            one_of("status", Status, "question_status_known"),
        ]
        indexes = [models.Index(fields=["status", "-updated"], name="question_status_updated")]

    def __str__(self):
        return self.text

    def get_absolute_url(self):
        return reverse("question", args=[self.slug])

    def before_save(self, recorder):
        if self.status == Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
        super().before_save(recorder)

    def derived_fields(self):
        return [*super().derived_fields(), "published_at", "updated"]

    def delete(self, *args, **kwargs):
        self.refuse_deletion(Question.objects.once_published().filter(pk=self.pk))
        return super().delete(*args, **kwargs)

    def remove(self):
        """Delete it; retire it if it was ever published."""
        if self.published_at is None:
            self.delete()
        else:
            self.status = Status.RETIRED
            self.save(update_fields=["status"])

    @staticmethod
    def refuse_deletion(published):
        """Raise ProtectedError for questions that were published."""
        if refused := set(published):
            raise models.ProtectedError(_("A question that was published is retired, not deleted."), refused)


@receiver(m2m_changed, sender=Question.topics.through)
def refuse_unrecorded_topics(sender, instance, action, reverse, pk_set, **kwargs):
    """Topics are a part of a question's document, so they change inside a `record()`."""
    if action.startswith("pre_"):
        questions = Question.objects.filter(pk__in=pk_set or ()) if reverse else [instance]
        recorder().touch("question", [question.uid for question in questions])


class RoleQuerySet(DocumentQuerySet):
    def published(self):
        """What a visitor may see."""
        return self.filter(status=Status.PUBLISHED)

    def with_facts(self):
        """With the facts of its page: counts by difficulty, `reviewed_on` (the newest), `answer_length`."""
        public = Q(placements__question__status=Status.PUBLISHED)
        counts = {
            f"{difficulty}_count": Count(
                "placements", filter=public & Q(placements__question__difficulty=difficulty)
            )
            for difficulty in Difficulty.values
        }
        return self.annotate(
            **counts,
            reviewed_on=Max("placements__question__reviewed_on", filter=public),
            answer_length=Sum(Length("placements__question__answer"), filter=public, default=0),
        )


class Role(Rendered, Document):
    """A job with a page of its own."""

    category = models.ForeignKey(Category, models.PROTECT, related_name="roles", verbose_name=_("category"))
    name = models.CharField(_("name"), max_length=140)
    intro = MarkdownField(_("intro"), html="intro_html", help_text=_("Two sentences, in Markdown."))
    intro_html = models.TextField(editable=False)
    internships_url = models.CharField(
        _("internships address"),
        max_length=500,
        blank=True,
        validators=[
            URLValidator(["http", "https"], message=_("An address begins with https:// or http://."))
        ],
        help_text=_("Where the page's last link leads. Left empty, the setting INTERNSHIPS_URL holds."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    questions = models.ManyToManyField(Question, through="Placement", related_name="roles")

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["category__position", "category__name", "name", "pk"]
        constraints = [
            not_empty("name", "role_name_not_empty"),
            not_empty("intro", "role_intro_not_empty"),
            one_of("status", Status, "role_status_known"),
            models.CheckConstraint(
                condition=Q(internships_url="")
                | Q(internships_url__startswith="http://")
                | Q(internships_url__startswith="https://"),
                name="role_internships_url_is_http",
                violation_error_message=_("An address begins with https:// or http://."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("role", args=[self.slug])

    @property
    def title(self):
        """The title of the page; its year is that of the newest review. Needs `with_facts()`."""
        if self.reviewed_on is None:
            return gettext("%(role)s interview questions and answers") % {"role": self.name}
        return gettext("%(role)s interview questions and answers (%(year)s)") % {
            "role": self.name,
            "year": self.reviewed_on.year,
        }

    @property
    def split(self):
        """`(difficulty, label, count)` of its published questions. Needs `with_facts()`."""
        return [(value, label, getattr(self, f"{value}_count")) for value, label in Difficulty.choices]

    @property
    def question_count(self):
        """Its published questions. Needs `with_facts()`."""
        return sum(count for _value, _label, count in self.split)

    @property
    def reading_minutes(self):
        """About how long its answers take to read, at 1,200 characters a minute. Needs `with_facts()`."""
        return max(1, round(self.answer_length / 1200))

    @property
    def internships_address(self):
        """Where the internships call leads; empty: there is no call."""
        return self.internships_url or settings.INTERNSHIPS_URL


class PlacementQuerySet(RolePartQuerySet):
    def published(self):
        """What a visitor may see; whatever is public starts from a `published()`."""
        return super().published().filter(question__status=Status.PUBLISHED)

    def around(self, question):
        """The placements of `question`: each with its `number`, `previous` and `next`, in one query.

        The neighbours are placements in the same role, or None at an end.
        """
        here = self.filter(question=question).order_by()
        rows = self.filter(role__in=here.values("role")).select_related("role", "question")
        rows = rows.order_by(*(f"role__{name}" for name in Role._meta.ordering), "position", "pk")
        fields = ["position", "role__slug", "role__name", "question__slug", "question__text"]
        placements = []
        for _role, group in groupby(rows.only(*fields), key=lambda placement: placement.role_id):
            in_role = [None, *group, None]
            for number, placement in enumerate(in_role[1:-1], start=1):
                placement.number = number
                placement.previous, placement.next = in_role[number - 1], in_role[number + 1]
                if placement.question_id == question.pk:
                    placements.append(placement)
        return placements


class Placement(RolePart):
    """A question in a role's page, at a position."""

    role = models.ForeignKey(Role, models.CASCADE, related_name="placements", verbose_name=_("role"))
    question = models.ForeignKey(
        Question, models.CASCADE, related_name="placements", verbose_name=_("question")
    )

    objects = PlacementQuerySet.as_manager()

    class Meta(RolePart.Meta):
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = [
            models.UniqueConstraint(
                fields=["role", "question"],
                name="placement_once_per_role",
                violation_error_message=_("This question is already in that role."),
            )
        ]

    def __str__(self):
        return str(self.question)

    @property
    def address(self):
        """Where the role's page shows the question."""
        return f"{self.role.get_absolute_url()}#q-{self.question.slug}"
