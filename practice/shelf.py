"""What a learner keeps: bookmarks, notes, and the ticked steps of paths.

Each act can be repeated, and raises Learner.DoesNotExist where the learner is gone. What is kept outlives
its question, role or step.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from questions.models import Question, Role, Status

from .models import Bookmark, Learner, Note, StepTick
from .refusals import Refused


class NotInBank(Refused):
    """No question or role with this address, and none that this learner has kept something of."""

    status = 404
    text = _("There is nothing with this address in the bank any more. What you have kept is on your shelf.")


class NoteChanged(Exception):
    """Another device has written the note since: `text` is what is there now."""

    def __init__(self, text: str):
        super().__init__()
        self.text = text


def bookmark(learner: Learner, question: Question) -> None:
    with learner.alone():
        row = Bookmark(learner=learner, question_id=question.uid)
        Bookmark.objects.bulk_create([row], ignore_conflicts=True)


def unbookmark(learner: Learner, question: Question) -> None:
    with learner.alone():
        learner.bookmarks.filter(question_id=question.uid).delete()


def write(learner: Learner, question: Question, text: str, before: str) -> None:
    """Write a note where `before` is; an empty one is deleted. Raises NoteChanged where another one is."""
    with learner.alone():
        own = learner.notes.filter(question_id=question.uid)
        note = own.first()
        if note and note.text not in {before, text}:
            raise NoteChanged(note.text)
        own.delete()
        if text:
            Note.objects.create(learner=learner, question_id=question.uid, text=text)


def tick(learner: Learner, role: Role, done: Iterable[str], undone: Collection[str] = ()) -> None:
    ticks = [StepTick(learner=learner, role_id=role.uid, step=key) for key in done]
    with learner.alone():
        StepTick.objects.bulk_create(ticks, ignore_conflicts=True)
        learner.stepticks.filter(role_id=role.uid, step__in=undone).delete()


def discard(learner: Learner, *, question: str = "", role: str = "") -> None:
    """Take off what is kept of a question or role, by its uid: of one that is not in the bank at all, too."""
    with learner.alone():
        learner.bookmarks.filter(question_id=question).delete()
        learner.notes.filter(question_id=question).delete()
        learner.stepticks.filter(role_id=role).delete()


def question_of(learner: Learner | None, slug: str) -> Question:
    """A published question, or a retired one of which something is kept. Raises NotInBank."""
    question = Question.objects.published().named(slug)
    if question is None and learner is not None:
        retired = Question.objects.gone().filter(slug=slug).first()
        question = retired if retired and keeps(learner, retired) else None
    if question is None:
        raise NotInBank
    return question


def keeps(learner: Learner, question: Question) -> bool:
    kept = (learner.bookmarks, learner.notes)
    return any(rows.filter(question_id=question.uid).exists() for rows in kept)


def role_of(learner: Learner | None, slug: str) -> Role:
    """The same for a role and its steps."""
    role = Role.objects.published().filter(slug=slug).first()
    if role is None and learner is not None:
        role = Role.objects.gone().filter(slug=slug, uid__in=learner.stepticks.values("role")).first()
    if role is None:
        raise NotInBank
    return role


def ticked(learner: Learner | None, role: Role) -> list[str]:
    """The keys of the steps that are ticked, in the order in which they were."""
    if learner is None:
        return []
    return list(learner.stepticks.filter(role_id=role.uid).order_by("pk").values_list("step", flat=True))


def shelf_of_role(learner: Learner, slug: str) -> dict[str, Any]:
    """What is kept of a role's page, for the page to show.

    Bookmarked slugs, the text of notes by slug, and the keys of ticked steps.
    """
    steps = learner.stepticks.filter(role__slug=slug).values_list("step", flat=True)
    return _shelf_of(learner, question__placements__role__slug=slug) | {"steps": list(steps)}


def shelf_of_question(learner: Learner, slug: str) -> dict[str, Any]:
    """The same of a question's page, which has no steps."""
    return _shelf_of(learner, question__slug=slug)


def _shelf_of(learner, **placed):
    return {
        "bookmarked": list(learner.bookmarks.filter(**placed).values_list("question__slug", flat=True)),
        "notes": dict(learner.notes.filter(**placed).values_list("question__slug", "text")),
    }


class Kept(NamedTuple):
    """A bookmark or a note; `question` is None where it is not in this bank."""

    row: Any
    question: Question | None


class Path(NamedTuple):
    """A role and what is ticked of its path; `role` is None where it is not in this bank."""

    uid: str
    role: Role | None
    ticked: list[str]
    titles: dict[str, str]

    @property
    def done(self) -> list[str]:
        """The titles of the ticked steps, in the path's order."""
        return [title for key, title in self.titles.items() if key in self.ticked]

    @property
    def gone(self) -> list[str]:
        """The keys of ticked steps that the path has no more."""
        return [key for key in self.ticked if key not in self.titles]


class Shelf:
    """All that a learner keeps, the newest first, in six queries."""

    def __init__(self, learner: Learner):
        bookmarks: list[Any] = list(learner.bookmarks.order_by("-created", "-pk"))
        notes: list[Any] = list(learner.notes.order_by("-changed", "-pk"))
        shown = _shown(Question, {row.question_id for row in [*bookmarks, *notes]}, "text")
        self.bookmarks = [Kept(row, shown.get(row.question_id)) for row in bookmarks]
        self.notes = [Kept(row, shown.get(row.question_id)) for row in notes]
        self.paths = _paths(learner)

    @property
    def is_empty(self) -> bool:
        return not (self.bookmarks or self.notes or self.paths)


def _paths(learner):
    ticks = defaultdict(list)
    for role, step in learner.stepticks.order_by("-pk").values_list("role_id", "step"):
        ticks[role].append(step)
    roles, titles = _shown(Role, ticks, "name"), _titles(ticks)
    return [Path(uid, roles.get(uid), keys, titles[uid]) for uid, keys in ticks.items()]


def _titles(uids):
    """The titles of the steps of some roles, by uid and key, in their order."""
    roles = Role.objects.filter(uid__in=uids).order_by("steps__position", "steps__pk")
    titles: dict[str, dict[str, str]] = defaultdict(dict)
    for uid, key, title in roles.values_list("uid", "steps__key", "steps__title"):
        if key:
            titles[uid][key] = title
    return titles


def _shown(model, uids, *fields):
    """Documents by uid, of those that are public or were so: a draft is shown to nobody."""
    documents = model.objects.filter(status__in=[Status.PUBLISHED, Status.RETIRED]).once_published()
    return documents.only("uid", "slug", "status", *fields).in_bulk(uids, field_name="uid")
