"""When a question comes back: FSRS, as its authors' own library computes it.

The model is described at https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm. Its
weights and the retention that it aims at (0.9) are the library's defaults. Of the steps before a card is
scheduled in days there is one, of ten minutes: who reads an answer and marks it as known wants it back in
days. Nothing is left to chance, so that the same reviews always give the same card.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import fsrs

if TYPE_CHECKING:
    from .models import Review

STEP = timedelta(minutes=10)
scheduler = fsrs.Scheduler(
    learning_steps=[STEP], relearning_steps=[STEP], maximum_interval=365, enable_fuzzing=False
)


def replay(reviews: "Iterable[Review]") -> fsrs.Card | None:
    """What is known after `reviews` of one question, in their order and none of them void; None after none.

    Each of them gets its `predicted`: how likely it was, just before, that the answer was still known; None
    for the first.
    """
    card = None
    for review in reviews:
        review.predicted = chance(card, review.at) if card else None
        card = after(card, review.rating or 0, review.at)  # none of them is void
    return card


def after(card: fsrs.Card | None, rating: int, at: datetime) -> fsrs.Card:
    # A new card of the library waits a millisecond, to have a number that no other has.
    before = card or fsrs.Card(card_id=0)
    return scheduler.review_card(before, fsrs.Rating(rating), at.astimezone(UTC))[0]


def chance(card: fsrs.Card, at: datetime) -> float:
    """How likely it is (0 to 1) that the answer is known at the moment `at`."""
    return scheduler.get_card_retrievability(card, at.astimezone(UTC))


def next_dates(card: fsrs.Card | None, at: datetime) -> dict[int, datetime]:
    """When the question would come back, by rating (1 to 4)."""
    return {rating.value: after(card, rating, at).due for rating in fsrs.Rating}
