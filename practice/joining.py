"""Two histories made one: those of two devices, or of a device and a file. Nothing of either is lost.

Reviews are known by their keys, so that what is there already stays once, and cards are made again from
all reviews.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from questions.documents import in_batches
from questions.models import Question

from . import scheduling
from .data import Everything
from .models import Bookmark, Card, Learner, Note, Review, StepTick
from .refusals import Elsewhere


def join(learner: Learner, other: Learner) -> None:
    """Move all that `other` has to `learner`, and delete `other`. Raises Learner.DoesNotExist."""
    with transaction.atomic():
        # What was written down for either stays good, where it is one.
        recovery = next(filter(None, (each.recovery for each in _locked(learner, other))), "")
        Review.objects.filter(learner=other).update(learner=learner)
        _move(Bookmark, learner, other, "question")
        _move(StepTick, learner, other, "role", "step")
        _join_notes(learner, Note.objects.filter(learner=other))
        _move(Note, learner, other, "question")
        both = list(_in_both(Card, learner, other, "question").values_list("question", flat=True))
        _move(Card, learner, other, "question")
        replay(learner, both)
        other.delete()
        Learner.objects.filter(pk=learner.pk).update(recovery=recovery)


def _locked(*learners):
    """These, as they are now, when no other device of theirs writes.

    Their locks are taken in one order, so that no two wait for each other.
    """
    rows = Learner.objects.select_for_update().filter(pk__in=[learner.pk for learner in learners])
    present = {learner.pk: learner for learner in rows.order_by("pk")}
    if len(present) < len(learners):
        raise Learner.DoesNotExist
    return [present[learner.pk] for learner in learners]


def _in_both(model, learner, other, *names):
    """The rows of `other` for which `learner` has one with the same values of the fields `names`."""
    same = model.objects.filter(learner=learner, **{name: OuterRef(name) for name in names})
    return model.objects.filter(Exists(same), learner=other)


def _move(model, learner, other, *names):
    _in_both(model, learner, other, *names).delete()
    model.objects.filter(learner=other).update(learner=learner)


def _join_notes(learner, notes):
    """Put what `notes` say into the learner's own notes of the same questions."""
    own = {note.question_id: note for note in Note.objects.filter(learner=learner)}
    changed = []
    for note in notes:
        present = own.get(note.question_id)
        if present and (text := _joined(present, note)) != present.text:
            present.text, present.changed = text, max(present.changed, note.changed)
            changed.append(present)
    Note.objects.bulk_update(changed, ["text", "changed"], batch_size=100)


def _joined(note, other):
    """Both texts, the older one first; one where it holds the other."""
    older, newer = sorted([note, other], key=lambda each: each.changed)
    if older.text in newer.text:
        return newer.text
    return older.text if newer.text in older.text else f"{older.text}\n\n{newer.text}"


@dataclass
class Outcome:
    """How many ratings came in, how many were here, and how many questions this bank does not know."""

    new: int
    known: int
    unknown: int


def predict(everything: Everything) -> None:
    """Say of each review that was read how likely its answer was known, as far as the file tells."""
    for _question, reviews in _by_question(everything.standing):
        scheduling.replay(reviews)


def take_in(learner: Learner, everything: Everything) -> Outcome:
    """Add to what `learner` has what was read from a file. Raises Elsewhere."""
    try:
        with learner.alone():
            return _take_in(learner, everything)
    except IntegrityError as error:  # another learner took one of the keys at this moment
        raise Elsewhere from error


def _take_in(learner, everything):
    known = _known(learner, [review.key for review in everything.reviews])
    for model, rows in (
        (Review, [review for review in everything.ratings if review.key not in known]),
        (Bookmark, everything.bookmarks),
        (StepTick, everything.steps),
    ):
        _create(model, learner, rows)
    voids = {key: void for key, void in everything.voids.items() if void.key not in known}
    _create(Review, learner, _with_their_reviews(learner, voids))
    _join_notes(learner, everything.notes)
    _create(Note, learner, everything.notes)
    new = [review for review in everything.reviews if review.key not in known]
    replay(learner, {review.question_id for review in new})
    number = sum(review.rating is not None for review in new)
    unknown = everything.questions - _in_bank(everything.questions)
    return Outcome(number, len(everything.ratings) - number, len(unknown))


def _create(model, learner, rows):
    """Save `rows`; of what may be there once, what is there stays as it is."""
    for row in rows:
        row.learner = learner
    model.objects.bulk_create(rows, batch_size=500, ignore_conflicts=model is not Review)


def _known(learner, keys):
    """Those of `keys` that are the learner's reviews already. Raises Elsewhere."""
    known: dict[Any, int] = {}
    for batch in in_batches(keys):
        known.update(Review.objects.filter(key__in=batch).values_list("key", "learner"))
    if any(owner != learner.pk for owner in known.values()):
        raise Elsewhere
    return set(known)


def _with_their_reviews(learner, voids):
    """Those of `voids`, which are by the key of what they void, that void a review which still counts."""
    kept = []
    for batch in in_batches(list(voids)):
        for review in Review.objects.filter(learner=learner, key__in=batch, rating__isnull=False, void=None):
            void = voids[review.key]
            void.voids, void.question_id = review, review.question_id
            kept.append(void)
    return kept


def _in_bank(uids):
    found: set[str] = set()
    for batch in in_batches(sorted(uids)):
        found.update(Question.objects.filter(uid__in=batch).values_list("uid", flat=True))
    return found


def replay(learner: Learner, uids: Collection[str]) -> None:
    """Make the cards of the questions `uids` again from their reviews, many at a time."""
    for batch in in_batches(sorted(uids)):
        _replay(learner, batch)


def _replay(learner, uids):
    cards: list[Any] = []  # never None: there is a review of each
    moved: list[Review] = []
    for uid, reviews in _by_question(Review.objects.standing().filter(learner=learner, question__in=uids)):
        card, otherwise = Card.of(learner.pk, uid, reviews)
        cards.append(card)
        moved += otherwise
    Review.objects.save_predicted(moved)
    Card.objects.filter(learner=learner, question__in=uids).delete()
    Card.objects.bulk_create(cards)


def _by_question(reviews):
    """`(uid, reviews)` of each question, the oldest first."""
    in_order = sorted(reviews, key=lambda review: (review.question_id, review.at))
    for question, group in groupby(in_order, key=lambda review: review.question_id):
        yield question, list(group)
