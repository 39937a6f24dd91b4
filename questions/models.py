"""The question bank: categories of roles, roles with their questions, and topics across roles."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import Any, ClassVar, NamedTuple, Self, TypeVar
from urllib.parse import quote_plus, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Length
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from . import markdown
from .changes import Change, ChangeSet, ContentVersion, changes_applied
from .documents import Label, in_batches
from .fields import FollowUp, FollowUpsField, LineField, LinesField, LinksField, MarkdownField, OneParagraph
from .imported import Import, Upload
from .links import Link, LinkUse
from .listing import TopicListing
from .parts import part_address, part_of
from .presence import Presence
from .public import PublicDocument, PublicQuerySet, Status, whole_if_published
from .recorded import (
    CodePoints,
    Document,
    DocumentQuerySet,
    FormerSlug,
    Part,
    PartQuerySet,
    Rendered,
    not_empty,
    one_of,
)
from .recording import Recorder, record
from .reports import Report
from .writing import unrecorded

# Models that live in a file of their own.
__all__ = [
    "Change",
    "ChangeSet",
    "ContentVersion",
    "FormerSlug",
    "Import",
    "Link",
    "LinkUse",
    "Presence",
    "Report",
    "TopicListing",
    "Upload",
]


SUMMARY_LENGTH = 160  # characters; search engines show about as many


class Difficulty(models.TextChoices):
    EASY = "easy", _("Easy")
    MEDIUM = "medium", _("Medium")
    HARD = "hard", _("Hard")

    @property
    def rank(self) -> int:
        """1 for the easiest."""
        return list(Difficulty).index(self) + 1

    @classmethod
    def ranks(cls) -> Case:
        """The rank of the field `difficulty`; 0 without one."""
        return Case(*[When(difficulty=each, then=Value(each.rank)) for each in cls], default=Value(0))


# The bank


RolePartRow = TypeVar("RolePartRow", bound="RolePart")


def renumber(rows: "models.QuerySet[Any]", pks: Iterable[int]) -> None:
    """Set the positions of `rows` with the keys `pks` to 1 to n in their order, in one query a batch."""
    with record():
        for batch in in_batches(list(enumerate(pks, start=1))):
            whens = [When(pk=pk, then=position) for position, pk in batch]
            rows.filter(pk__in=[pk for _position, pk in batch]).update(position=Case(*whens))


class RolePartQuerySet(PartQuerySet[RolePartRow]):
    def published(self) -> Self:
        """Parts of published roles."""
        return self.filter(role__status=Status.PUBLISHED)

    def renumber(self, pks: Iterable[int]) -> None:
        renumber(self, pks)


class RolePart(Part):
    """A row that belongs to a role and its document, at a position. Children declare `role`."""

    owner: ClassVar = "role"
    role_id: int

    position = models.PositiveIntegerField(
        _("position"), blank=True, help_text=_("Lower comes first. Left empty, it comes last.")
    )

    objects: ClassVar = RolePartQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]

    def before_save(self, recorder: Recorder, update_fields: Collection[str] | None) -> None:
        self.place_last([self])
        super().before_save(recorder, update_fields)

    @classmethod
    def place_last(cls, rows: Sequence[Any]) -> None:
        new = [row for row in rows if row.position is None]
        placed: models.QuerySet[Any] = cls.objects.all()
        last = placed.filter(role__in={row.role_id for row in new}).order_by()
        places = dict(last.values_list("role").annotate(last=Max("position"))) if new else {}
        for row in new:
            places[row.role_id] = row.position = places.get(row.role_id, 0) + 1


def not_in_future(day: date) -> None:
    """Refuse a day that is later than tomorrow, which is today already somewhere."""
    if day > timezone.localdate() + timedelta(days=1):
        raise ValidationError(_("This day is in the future."), code="future")


class CategoryQuerySet(DocumentQuerySet["Category"]):
    def published(self) -> Self:
        """Those with a published role."""
        return self.filter(Exists(Role.objects.published().filter(category=OuterRef("pk"))))

    def with_roles(self) -> Self:
        """With `published_roles`, each with its name, address and counts: one query more."""
        roles = Role.objects.published().with_counts().only("name", "slug", "category")
        return self.prefetch_related(models.Prefetch("roles", roles, to_attr="published_roles"))


class Category(Document):
    """A field of work: the home page lists roles by category."""

    kind: ClassVar = "category"

    name = LineField(_("name"), max_length=100, unique=True)
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Lower comes first."))

    objects: ClassVar = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", CodePoints("sort_key"), "pk"]
        constraints = [not_empty("name", "category_name_not_empty")]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('home')}#{self.slug}"


class DifficultyCount(NamedTuple):
    """The number of published questions of a difficulty."""

    difficulty: str
    label: Label
    number: int


class Counted:
    """What has questions, annotated with how many published ones there are of each difficulty."""

    @property
    def split(self) -> list[DifficultyCount]:
        """The counts of its published questions."""
        return [
            DifficultyCount(value, label, count)
            for (value, label), count in zip(Difficulty.choices, self.counts, strict=True)
        ]

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of its published questions, the easiest first."""
        return tuple(getattr(self, f"{value}_count") for value in Difficulty.values)

    @property
    def question_count(self) -> int:
        return sum(self.counts)


class TopicQuerySet(DocumentQuerySet["Topic"]):
    def published(self) -> Self:
        """Those with a published question."""
        return self.filter(Exists(TopicListing.objects.filter(topic=OuterRef("pk"))))

    def counted(self) -> "list[Topic]":
        """These with the number of published questions of each difficulty, for `counts`: one query more."""
        rows = TopicListing.objects.order_by().values_list("topic", "rank").annotate(n=Count("*"))
        counts = {(topic, rank): n for topic, rank, n in rows}
        topics = list(self)
        for topic in topics:
            for difficulty in Difficulty:
                setattr(topic, f"{difficulty}_count", counts.get((topic.pk, difficulty.rank), 0))
        return topics

    def fields(self) -> dict[int, int]:
        """`{topic pk: category pk}`: the field whose published roles ask most of a topic's questions."""
        placements = Placement.objects.published().exclude(question__topics=None).order_by()
        rows = placements.values_list("question__topics", "role__category")
        most = rows.annotate(n=Count("pk")).order_by("n", "-role__category__position")
        return {topic: category for topic, category, _n in most}  # the last one wins

    def deleting(self) -> dict[str, list[str]]:
        questions = Question.objects.filter(topics__in=self.values("pk"))
        return self.touching() | {"question": list(questions.values_list("uid", flat=True).distinct())}


class Topic(Counted, Document):
    """A subject that cuts across roles."""

    kind: ClassVar = "topic"

    name = LineField(_("name"), max_length=100, unique=True)

    objects: ClassVar = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = [CodePoints("sort_key"), "pk"]
        constraints = [not_empty("name", "topic_name_not_empty")]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("topic", args=[self.slug])


class SynonymQuerySet(DocumentQuerySet["Synonym"]):
    def groups(self) -> list[tuple[str, ...]]:
        """The names that mean the same, a tuple for each synonym, in one statement."""
        rows = self.order_by("pk").values_list("name", "also")
        return [(name, *also) for name, also in rows]


class Synonym(Document):
    """Words that mean the very same: a search for one of them finds the others, too."""

    kind: ClassVar = "synonym"

    name = LineField(_("name"), max_length=100, unique=True, help_text=_("The form that most texts use."))
    also = LinesField(
        _("also"),
        help_text=_("Other forms that mean the very same, and are not merely related: one to a line."),
    )

    objects: ClassVar = SynonymQuerySet.as_manager()

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")
        ordering = [CodePoints("sort_key"), "pk"]
        constraints = [not_empty("name", "synonym_name_not_empty")]

    def __str__(self):
        return self.name

    def check_whole(self) -> None:
        super().check_whole()
        from .search.tokens import words  # which needs the models

        text = _("Each form needs a letter or a digit: nobody can search for “%(form)s”.")
        for name, forms in {"name": [self.name], "also": self.also}.items():
            if wordless := [form for form in forms if not words(form)]:
                raise ValidationError({name: text % {"form": wordless[0]}})


ROLES_TO_SAMPLE = 10
MOST_SUCCESSORS = 10  # in a row, of which the last one is shown
STALE_AFTER = timedelta(days=365)  # since somebody found a question right


class QuestionQuerySet(PublicQuerySet["Question"]):
    def newest(self) -> Self:
        """The last changed first."""
        return self.order_by("-updated", "-pk")

    def named(self, slug: str) -> "Question | None":
        """The question with this address, or with this former one."""
        found = self.filter(slug=slug).first()
        if found is None:
            former = FormerSlug.objects.filter(kind="question", slug=slug)
            found = self.filter(uid__in=former.values("target")).first()
        return found

    def sample(self) -> "Question | None":
        """A question that shows what answers are like: the first easy one of the first role, or None.

        It has a short answer, and so do most: only the first roles are looked through.
        """
        easy = Placement.objects.filter(rank=Difficulty.EASY.rank)
        roles = Role.objects.published().filter(Exists(easy.filter(role=OuterRef("pk"))))
        placed = easy.filter(role__in=roles.values("pk")[:ROLES_TO_SAMPLE]).exclude(question__short_answer="")
        first = placed.order_by(*roles_in_order("role__"), "position", "pk").values("question")[:1]
        return self.filter(pk=Subquery(first)).first()

    def with_roles(self) -> Self:
        """With `published_roles`, their names: one query more."""
        roles = Role.objects.published().only("name")
        return self.prefetch_related(models.Prefetch("roles", roles, to_attr="published_roles"))

    def counts_by_status(self) -> dict[str, int]:
        """`{status: number of questions}`."""
        counts = dict(self.order_by().values_list("status").annotate(n=Count("pk")))
        return {status: counts.get(status, 0) for status in Status.values}

    def linking_to(self, question: "Question") -> "list[Question]":
        """Questions whose answers link to `question`, at its address or at a former one."""
        slugs = [question.slug, *question.former_slugs]
        found = self.filter(reduce(or_, (Q(answer__contains=f"/questions/{slug}") for slug in slugs)))
        link = re.compile(rf"/questions/(?:{'|'.join(map(re.escape, slugs))})(?=[/?#)\"'>\s]|$)")
        return [row for row in found.only("pk", "text", "answer") if link.search(row.answer)]

    def whole(self) -> Self:
        """Those that lack nothing to be published."""
        return self.exclude(answer="").exclude(difficulty="")

    def stale(self) -> Self:
        """Those that nobody has found right for a year, or ever."""
        before = timezone.localdate() - STALE_AFTER
        return self.filter(Q(reviewed_on__lt=before) | Q(reviewed_on=None))

    def in_review(self) -> Self:
        """Those that wait for an Editor, the oldest first."""
        return self.filter(status=Status.REVIEW).order_by("updated", "pk")

    def with_note(self) -> Self:
        """With the `note` of the Editor who last sent a question back from review; None without one."""
        returns = Change.objects.applied().filter(
            kind="question", uid=OuterRef("uid"), before__status=Status.REVIEW, after__status=Status.DRAFT
        )
        return self.annotate(note=Subquery(returns.order_by("-pk").values("changeset__note")[:1]))

    def with_changed_at(self) -> Self:
        """With `changed_at`, when the newest change of anything in it was applied."""
        changes = Change.objects.applied().filter(kind="question", uid=OuterRef("uid")).order_by("-pk")
        return self.annotate(changed_at=Subquery(changes.values("changeset__applied_at")[:1]))

    def sent_back(self) -> Self:
        """Drafts that an Editor sent back from review, with the `note` that came with them."""
        return self.filter(status=Status.DRAFT).with_note().exclude(note=None)

    def deleting(self) -> dict[str, list[str]]:
        roles = Role.objects.filter(placements__question__in=self.values("pk"))
        return self.touching() | {"role": list(roles.values_list("uid", flat=True).distinct().order_by())}

    def stamp(self, changeset: ChangeSet, changes: Sequence[Change]) -> None:
        super().stamp(changeset, changes)
        rows = unrecorded(Question)
        for batch in in_batches([change for change in changes if change.after]):
            moved = [change.uid for change in batch if change.differs_in_words]
            rows.filter(uid__in=moved).update(updated=changeset.applied_at)
            made = [change for change in batch if change.before is None]
            if made and changeset.author_id:
                new = rows.filter(uid__in=[change.uid for change in made], author=None)
                new.update(author=changeset.author_id)
            self._restore_makers([change.uid for change in made if change.base])
            if changeset.undoes_id:
                self._restore_dates(changeset, [change.uid for change in batch])

    def _restore_makers(self, uids):
        """Questions that were deleted have the author and the date that they were first made with."""
        made = Change.objects.applied().filter(kind="question", uid=OuterRef("uid"), before__isnull=True)
        first = made.order_by("pk")
        unrecorded(Question).filter(uid__in=uids).update(
            author=Subquery(first.values("changeset__author")[:1]),
            created=Subquery(first.values("changeset__applied_at")[:1]),
        )

    def _restore_dates(self, undo, uids):
        """Questions have the public date again that they had before what `undo` takes back."""
        undone = Change.objects.filter(changeset=undo.undoes_id, kind="question", uid=OuterRef("uid"))
        date = Coalesce(Subquery(undone.values("dated")[:1]), F("updated"))
        unrecorded(Question).filter(uid__in=uids).update(updated=date)


class Question(Rendered, PublicDocument):
    """A question, written once and placed in any number of roles.

    `updated` is its public date: it moves when words that a reader reads differ, and an undo restores it.
    """

    kind: ClassVar = "question"
    named_by: ClassVar = "text"
    needed_to_publish: ClassVar = ("answer", "difficulty")

    text = LineField(_("question"), max_length=300, help_text=_("As an interviewer asks it."))
    label = LineField(
        _("label"), max_length=50, blank=True, help_text=_("A few words for the outline of a role's page.")
    )
    difficulty = models.CharField(_("difficulty"), max_length=10, choices=Difficulty.choices, blank=True)
    reviewed_on = models.DateField(
        _("reviewed on"),
        null=True,
        blank=True,
        validators=[not_in_future],
        help_text=_("When somebody last found it right."),
    )
    corrected_on = models.DateField(
        _("corrected on"),
        null=True,
        blank=True,
        validators=[not_in_future],
        help_text=_("Readers see this day below the answer, as that of a correction; left empty, nothing."),
    )
    topics = models.ManyToManyField(
        Topic, through="QuestionTopic", related_name="questions", blank=True, verbose_name=_("topics")
    )
    short_answer = MarkdownField(
        _("short answer"),
        html="short_answer_html",
        blank=True,
        validators=[OneParagraph(90)],
        help_text=_("What one would say first, aloud, in thirty seconds: one paragraph of 25 to 70 words."),
    )
    short_answer_html = models.TextField(editable=False, default="")
    answer = MarkdownField(_("answer"), html="answer_html", blank=True, help_text=_("Markdown."))
    answer_html = models.TextField(editable=False)
    key_points = LinesField(_("key points"), help_text=_("What a good answer must mention: one to a line."))
    weak_answer = MarkdownField(
        _("weak answer"),
        html="weak_answer_html",
        blank=True,
        validators=[OneParagraph(80)],
        help_text=_("The usual answer that fails, and why: one or two sentences."),
    )
    weak_answer_html = models.TextField(editable=False, default="")
    follow_ups = FollowUpsField(
        _("follow-ups"),
        help_text=_("What may be asked next: one to a line. A hint is on the line behind it, after “> ”."),
    )
    sources = LinksField(_("sources"), help_text=_("One to a line: Title | https://address"))
    # By its uid and not as a relation: a question may name one that comes later, or is gone by now.
    successor = models.CharField(
        _("successor"),
        max_length=100,
        blank=True,
        default="",
        help_text=_("The question to read instead: once this one is retired, its address names it."),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="questions",
    )
    changed_at: datetime | None  # with `with_changed_at()`
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects: ClassVar = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["text", "pk"]
        constraints = [
            not_empty("text", "question_text_not_empty"),
            whole_if_published(text="answer", also=~Q(difficulty=""), name="question_published_is_whole"),
            models.CheckConstraint(
                condition=Q(difficulty__in=["", *Difficulty.values]), name="question_difficulty_known"
            ),
            one_of("status", Status, "question_status_known"),
            models.CheckConstraint(
                condition=Q(successor="") | ~Q(successor=F("uid")),
                name="question_is_not_its_own_successor",
                violation_error_message=_("A question cannot be its own successor."),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="question_status_id"),
            models.Index(fields=["status", "-updated", "-id"], name="question_status_newest"),
            models.Index(fields=["status", "reviewed_on"], name="question_status_reviewed"),
        ]

    def __str__(self):
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("question", args=[self.slug])

    def successor_now(self) -> "Question | None":
        """The published question that took its place: its successor, or the successor of that one."""
        seen, question = {self.uid}, self
        while question.successor and question.successor not in seen and len(seen) < MOST_SUCCESSORS:
            seen.add(question.successor)
            following = Question.objects.filter(uid=question.successor).first()
            if following is None or following.status == Status.PUBLISHED:
                return following
            question = following
        return None

    def clean(self) -> None:
        super().clean()
        if self.successor and self.successor == self.uid:
            raise ValidationError({"successor": _("A question cannot be its own successor.")})

    def copy(self, **values: Any) -> "Question":
        """A new draft with its words and topics, in no role."""
        names = {"text", "label", "difficulty", "short_answer", "answer", "key_points", "weak_answer"}
        names |= {"follow_ups", "sources"}
        copy = Question.objects.create(**{name: getattr(self, name) for name in names} | values)
        copy.topics.set(self.topics.all())
        return copy

    @property
    def short_title(self) -> str:
        """Its name in an outline."""
        return self.label or self.text

    @property
    def summary(self) -> str:
        """A description of its page for search engines, in one line."""
        return (
            markdown.summary(self.short_answer, SUMMARY_LENGTH)
            or markdown.summary(self.answer, SUMMARY_LENGTH)
            or markdown.plain(self.text)
        )

    @property
    def follow_ups_with_hints(self) -> list[FollowUp]:
        """Its follow-ups, each `{"question", "hint"}`; the hint may be empty."""
        return [
            FollowUp(question=each["question"], hint=each.get("hint", ""))
            if isinstance(each, dict)
            else FollowUp(question=each, hint="")
            for each in self.follow_ups
        ]


class QuestionTopic(Part):
    """A topic of a question, written by the managers of `Question.topics` and `Topic.questions`."""

    owner: ClassVar = "question"

    question = models.ForeignKey(Question, models.CASCADE, related_name="+")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="+")

    class Meta:
        # The table is the one that Django makes for a ManyToManyField, and it counts as such: only
        # then do forms and the admin offer the field.
        auto_created = True
        db_table = "questions_question_topics"
        unique_together = [("question", "topic")]

    def __str__(self):
        return f"{self.question_id}, {self.topic_id}"


SHARING = 5  # roles that the end of a role's page names, for the questions that they have in common


def roles_in_order(prefix: str = "") -> list[Any]:
    """The order of roles, seen from where `prefix` leads to them."""
    category, role = (CodePoints(f"{prefix}{name}") for name in ("category__sort_key", "sort_key"))
    return [f"{prefix}category__position", category, f"{prefix}position", role, f"{prefix}pk"]


class RoleQuerySet(PublicQuerySet["Role"]):
    def renumber(self, pks: Iterable[int]) -> None:
        renumber(self, pks)

    def with_counts(self) -> Self:
        """With the number of published questions of each difficulty, for `counts` and `question_count`.

        Subqueries and not a join: its GROUP BY would sort by all columns of the roles.
        """
        rows = Placement.objects.filter(role=OuterRef("pk")).order_by().values("role").annotate(n=Count("*"))
        counts = {
            f"{difficulty}_count": Coalesce(Subquery(rows.filter(rank=difficulty.rank).values("n")), 0)
            for difficulty in Difficulty
        }
        return self.annotate(**counts)

    def with_facts(self) -> Self:
        """With the facts of its page: the counts, `reviewed_on` (the newest) and `answer_length`."""
        rows = Placement.objects.filter(role=OuterRef("pk"), rank__gt=0).order_by().values("role")
        newest = rows.annotate(newest=Max("question__reviewed_on")).values("newest")
        length = rows.annotate(length=Sum(Length("question__answer"))).values("length")
        return self.with_counts().annotate(
            reviewed_on=Subquery(newest), answer_length=Coalesce(Subquery(length), 0)
        )

    def near(self, role: "Role") -> "list[Role]":
        """Roles of its field, and the five that share most of its questions: two queries.

        Each has its counts, and how many questions it shares as `shared`.
        """
        questions = role.placements.published().order_by().values("question")
        others = Placement.objects.published().exclude(role=role).filter(question__in=questions)
        counts = others.order_by().values_list("role").annotate(n=Count("*"))
        shared = dict(counts.order_by("-n", *roles_in_order("role__")))
        most = list(shared)[:SHARING]
        near = self.published().exclude(pk=role.pk).filter(Q(category=role.category_id) | Q(pk__in=most))
        roles = list(near.with_counts())
        for other in roles:
            other.shared = shared.get(other.pk, 0)
        return roles


class Role(Counted, Rendered, PublicDocument):
    """A job with a page of its own. `updated` is when anything on that page last changed."""

    kind: ClassVar = "role"
    needed_to_publish: ClassVar = ("intro",)

    category = models.ForeignKey(Category, models.PROTECT, related_name="roles", verbose_name=_("category"))
    position = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("Lower comes first in its category; equal ones by name.")
    )
    name = LineField(_("name"), max_length=140)
    intro = MarkdownField(
        _("intro"), html="intro_html", blank=True, help_text=_("Two sentences, in Markdown.")
    )
    intro_html = models.TextField(editable=False)
    internships_url = LineField(
        _("internships address"),
        max_length=500,
        blank=True,
        validators=[
            URLValidator(["http", "https"], message=_("An address begins with https:// or http://."))
        ],
        help_text=_(
            "Where the page's last link leads. Left empty, it leads where the site's operator has set."
        ),
    )
    questions = models.ManyToManyField(Question, through="Placement", related_name="roles")

    shared: int  # with `near()`
    # With `with_facts()`:
    reviewed_on: date | None
    answer_length: int

    objects: ClassVar = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = roles_in_order()
        constraints = [
            not_empty("name", "role_name_not_empty"),
            whole_if_published(text="intro", name="role_published_is_whole"),
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

    def get_absolute_url(self) -> str:
        return reverse("role", args=[self.slug])

    @property
    def title(self) -> str:
        """The title of its page. Needs `with_facts()`."""
        return self._with_year(gettext("%(role)s interview questions and answers") % {"role": self.name})

    @property
    def subtitle(self) -> str:
        """What follows its name in the heading of its page. Needs `with_facts()`."""
        return self._with_year(gettext("Interview questions and answers"))

    def _with_year(self, text):
        """`text` with the year of the newest review."""
        return f"{text} ({self.reviewed_on.year})" if self.reviewed_on else text

    @property
    def summary(self) -> str:
        """A description of its page for search engines, in one line."""
        return markdown.summary(self.intro, SUMMARY_LENGTH) or self.name

    @property
    def reading_time(self) -> str:
        """About how long its answers take to read, at 1,200 characters a minute. Needs `with_facts()`."""
        minutes = max(1, round(self.answer_length / 1200))
        if minutes < 120:
            return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
        hours = round(minutes / 60)
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}

    @property
    def internships_address(self) -> str:
        """Where the internships call leads; empty: there is no call."""
        return self.internships_url or settings.INTERNSHIPS_URL.replace("{role}", quote_plus(self.name))

    @property
    def internships_site(self) -> str:
        """The name of the site that the call leads to."""
        return (urlsplit(self.internships_address).hostname or "").removeprefix("www.")


def numbered(placements: "Iterable[Placement]") -> "list[Placement]":
    """All published placements of one role, in their order, each with its `number` and their `total`."""
    placements = list(placements)
    for number, placement in enumerate(placements, start=1):
        placement.number, placement.total = number, len(placements)
    return placements


class PlacementQuerySet(RolePartQuerySet["Placement"]):
    def published(self) -> Self:
        """What a visitor may see; whatever is public starts from a `published()`."""
        return super().published().filter(rank__gt=0)

    def for_page(self) -> Self:
        """With all that a role page shows of the questions, but for their topics: one query."""
        sources = (f"question__{name}" for name in ("short_answer", "answer", "weak_answer"))
        return self.select_related("question").defer(*sources)

    def for_outline(self) -> "list[Placement]":
        """The list with `number`, `topics` and what an outline shows of its questions, in one query."""
        fields = (f"question__{name}" for name in ("slug", "text", "label", "difficulty"))
        rows = self.select_related("question").only("position", "role", *fields)
        rows = rows.order_by("position", "pk", "question__topics__slug")
        rows = rows.annotate(topic_slug=F("question__topics__slug"), topic_name=F("question__topics__name"))
        placements: list[Placement] = []
        for _pk, group in groupby(rows, key=lambda row: row.pk):
            of_topics: list[Any] = list(group)  # one row a topic, or one without
            placement = of_topics[0]
            placement.topics = [
                Topic(slug=row.topic_slug, name=row.topic_name) for row in of_topics if row.topic_slug
            ]
            placements.append(placement)
        return numbered(placements)

    def around(self, question: Question) -> "list[Placement]":
        """The placements of `question`, each with its `number` and the `total` of its role, in one query."""
        of_role = self.model.objects.filter(role=OuterRef("role"), rank__gt=0).order_by().values("role")
        position = OuterRef("position")
        is_before = Q(position__lt=position) | Q(position=position, pk__lte=OuterRef("pk"))
        counted = of_role.annotate(n=Count("*")).values("n")
        here = (
            self.filter(question=question)
            .select_related("role__category")
            .order_by(*roles_in_order("role__"))
        )
        counts = {"number": Subquery(counted.filter(is_before)), "total": Subquery(counted)}
        placements = list(here.annotate(**counts))
        for placement in placements:
            placement.question = question
        return placements

    def outdated(self) -> Self:
        """Those whose rank is not what their questions say."""
        return self.annotate(rank_now=_rank_of_question()).exclude(rank=F("rank_now"))

    def keep_ranks(self) -> None:
        """Make the ranks of these rows what their questions say."""
        unrecorded(Placement).filter(pk__in=self.outdated().order_by().values("pk")).update(
            rank=_rank_of_question()
        )


def _rank_of_question() -> Coalesce:
    questions = unrecorded(Question).filter(pk=OuterRef("question"), status=Status.PUBLISHED)
    return Coalesce(Subquery(questions.annotate(rank=Difficulty.ranks()).values("rank")), 0)


class Placement(RolePart):
    """A question in a role's page, at a position."""

    derived: ClassVar = frozenset({"rank"})

    role = models.ForeignKey(Role, models.CASCADE, related_name="placements", verbose_name=_("role"))
    question = models.ForeignKey(
        Question, models.CASCADE, related_name="placements", verbose_name=_("question")
    )

    # 0 while the question is not published. Kept, so that roles are counted without reading questions.
    rank = models.PositiveSmallIntegerField(default=0, editable=False)

    # With `numbered()` or `around()`: its place in the role's whole list, and how many are in that
    number: int
    total: int
    topics: list[Topic]  # with `for_outline()`
    # With the filter of a role's page:
    matches: bool
    is_hidden: bool
    outline_address: str

    objects: ClassVar = PlacementQuerySet.as_manager()

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
        indexes = [models.Index(fields=["role", "rank", "position"], name="placement_role_rank")]

    def __str__(self):
        return str(self.question)

    @property
    def fingerprint(self) -> list:
        """Differs whenever the role's page shows it differently. Needs `for_outline()`."""
        question = self.question
        state = [question.uid, question.version, question.rendered_by, question.updated]
        return [*state, self.number, self.part, *((topic.slug, topic.name) for topic in self.topics)]

    @property
    def part(self) -> int:
        """The part of the role's page that shows the question."""
        return part_of(self.number, self.total)

    @property
    def address(self) -> str:
        """Where the role's page shows the question."""
        return f"{part_address(self.role.get_absolute_url(), self.part)}#q-{self.question.slug}"


@receiver(changes_applied)
def keep_ranks(changeset: ChangeSet, changes: Sequence[Change], **kwargs: Any) -> None:
    """Keep the ranks of placements equal to what the questions of an applied change set say."""
    shown = {"question": ["status", "difficulty"], "role": ["questions"]}
    for kind, keys in shown.items():
        uids = [change.uid for change in changes if change.kind == kind and change.differs_in(keys)]
        for batch in in_batches(uids):
            Placement.objects.filter(**{f"{kind}__uid__in": batch}).keep_ranks()


@receiver(changes_applied)
def date_role_pages(changeset: ChangeSet, changes: Sequence[Change], **kwargs: Any) -> None:
    """Date the pages of roles on which anything has changed: sitemaps report the date."""
    places = {
        "role": "uid__in",
        "category": "category__uid__in",
        "question": "placements__question__uid__in",
        "topic": "placements__question__topics__uid__in",
    }
    for kind, place in places.items():
        uids = [change.uid for change in changes if change.kind == kind and change.is_public]
        for batch in in_batches(uids):
            pks = Role.objects.filter(**{place: batch}).order_by().values("pk")
            unrecorded(Role).filter(pk__in=pks).update(updated=changeset.applied_at)
