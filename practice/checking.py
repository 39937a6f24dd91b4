"""Whether cards are what their reviews give, and how they are made again."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from .models import Card, Learner, Review

BATCH = 100  # learners


def differences(learners: Any = None) -> Iterator[tuple[int, str]]:
    """The learner and the question of each card that is missing, or not what its reviews give."""
    pks = list((learners or Learner.objects.all()).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        yield from _differences_of(pks[start : start + BATCH])


def _differences_of(pks):
    cards = {(card.learner_id, card.question_id): card for card in Card.objects.filter(learner__in=pks)}
    reviews = Review.objects.standing().filter(learner__in=pks).order_by("learner", "question", "at", "pk")
    for key, group in groupby(reviews, key=lambda review: (review.learner_id, review.question_id)):
        right, moved = Card.of(*key, list(group))
        if moved or _values(cards.pop(key, None)) != _values(right):
            yield key
    yield from cards


def _values(card):
    return card and [getattr(card, name) for name in Card.KEPT]


def repair(found: list[tuple[int, str]]) -> None:
    """Make the cards of these learners and questions again."""
    for pk, uid in found:
        Learner.objects.get(pk=pk).replay(uid)
