"""The lists of topics, in their order: kept, so that a part of 40,000 questions is read from an index.

The rows follow from questions, and every applied change set keeps them equal to what its documents say.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Self, TypeAlias

from django.core.paginator import Page
from django.db import models
from django.dispatch import receiver

from .changes import Change, ChangeSet, changes_applied
from .documents import in_batches
from .parts import page_at
from .recorded import CodePoints
from .writing import unrecorded

# The topic and the question, by their keys; the rank of its difficulty, and its sort key.
Entry: TypeAlias = tuple[int, int, int, str]
TOPIC_PART = 50
SHOWN = ("status", "difficulty", "question", "topics")  # the keys of a question that lists depend on


class TopicListingQuerySet(models.QuerySet["TopicListing"]):
    def in_order(self) -> Self:
        """From easy to hard, and by text."""
        return self.order_by("rank", CodePoints("sort_key"), "question_id")

    def with_questions(self) -> Self:
        """With the questions, as lists show them."""
        names = (f"question__{name}" for name in ("slug", "text", "label", "difficulty"))
        return self.select_related("question").only("topic", *names)

    def part(self, start: int, stop: int) -> Self:
        """Those from `start` to `stop` of the list in order: their keys are read from the index alone."""
        keys = self.in_order().values_list("pk", flat=True)[start:stop]
        return self.filter(pk__in=list(keys)).in_order().with_questions()

    def page(self, number: int) -> Page:
        """The part `number` of the list, with the names of `published_roles`. Raises Http404 past its end."""
        from .models import Role  # which imports this

        page = page_at(self, number, TOPIC_PART)
        roles = Role.objects.published().only("name")
        with_roles = models.Prefetch("question__roles", roles, to_attr="published_roles")
        part = self.part(page.start_index() - 1, page.end_index()).prefetch_related(with_roles)
        page.object_list = [listed.question for listed in part]
        return page

    def number(self, entry: "TopicListing") -> int:
        """The number of `entry` in its list: two queries."""
        key = CodePoints("sort_key")
        rows = self.filter(topic=entry.topic_id).annotate(key=key).order_by()
        same_rank = rows.filter(rank=entry.rank, key__lte=entry.sort_key)
        before = same_rank.exclude(key=entry.sort_key, question__gte=entry.question_id)
        return rows.filter(rank__lt=entry.rank).count() + before.count() + 1

    def follow(self, changes: Iterable[Change]) -> None:
        """Make the rows of the questions of `changes` equal to what they say now."""
        self.keep([c.uid for c in changes if c.kind == "question" and c.differs_in(SHOWN)])

    def keep(self, uids: Sequence[str]) -> None:
        """Make the rows of the questions `uids` equal to what they say."""
        for batch in in_batches(uids):
            lacking, superfluous = self._differences(batch)
            for pks in in_batches(superfluous):
                self.filter(pk__in=pks).delete()
            self.bulk_create(map(_row, lacking), batch_size=500)

    def outdated(self) -> list[str]:
        """The uids of questions whose rows are not what they say, as after raw SQL."""
        from .models import Question  # which imports this

        wrong: set[int] = set()
        for batch in in_batches(list(Question.objects.order_by("pk").values_list("uid", flat=True))):
            lacking, superfluous = self._differences(batch)
            wrong.update(question for _topic, question, _rank, _key in lacking)
            wrong.update(self.filter(pk__in=superfluous).values_list("question", flat=True))
        found = (Question.objects.filter(pk__in=batch).order_by("pk") for batch in in_batches(sorted(wrong)))
        return [uid for rows in found for uid in rows.values_list("uid", flat=True)]

    def _differences(self, uids: Collection[str]) -> tuple[list[Entry], list[int]]:
        """The entries that the questions `uids` lack, and the keys of rows that are none of theirs."""
        wanted = set(_entries(uids))
        rows = self.filter(question__uid__in=uids).values_list("pk", "topic", "question", "rank", "sort_key")
        known = {tuple(entry): pk for pk, *entry in rows}
        superfluous = [pk for entry, pk in known.items() if entry not in wanted]
        return sorted(wanted - known.keys()), superfluous


def _entries(uids: Collection[str]) -> Iterator[Entry]:
    """What the lists should have of the questions `uids`: an entry for each topic of a published one."""
    from .models import Difficulty, QuestionTopic, Status  # which imports this

    rows = unrecorded(QuestionTopic).filter(question__uid__in=uids, question__status=Status.PUBLISHED)
    names = ["topic", "question", "question__difficulty", "question__sort_key"]
    for topic, question, difficulty, sort_key in rows.values_list(*names):
        yield topic, question, Difficulty(difficulty).rank, sort_key


def _row(entry):
    topic, question, rank, sort_key = entry
    return TopicListing(topic_id=topic, question_id=question, rank=rank, sort_key=sort_key)


class TopicListing(models.Model):
    """A published question in the list of a topic."""

    topic = models.ForeignKey("Topic", models.CASCADE, related_name="listing", db_index=False)
    question = models.ForeignKey("Question", models.CASCADE, related_name="listings", db_index=False)
    rank = models.PositiveSmallIntegerField()
    sort_key = models.CharField(max_length=100)

    objects = TopicListingQuerySet.as_manager()

    class Meta:
        ordering = ["topic_id", "rank", CodePoints("sort_key"), "question_id"]
        indexes = [
            models.Index("topic", "rank", CodePoints("sort_key"), "question", name="topiclisting_in_order"),
            models.Index(fields=["topic", "rank"], name="topiclisting_counts"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["question", "topic"], name="topiclisting_once_per_topic")
        ]
        default_permissions = ()

    def __str__(self):
        return f"{self.topic_id}: {self.question_id}"


@receiver(changes_applied)
def keep_listings(changeset: ChangeSet, changes: Sequence[Change], **kwargs: Any) -> None:
    """Keep the lists of topics equal to what the questions of an applied change set say."""
    TopicListing.objects.follow(changes)
