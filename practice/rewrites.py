"""Questions whose words became others: who had learnt them is told."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from questions.changes import Change, ChangeSet, changes_applied
from questions.documents import in_batches
from questions.models import Status

from .models import Rewrite

STAYS = 0.6  # of the words, below which a text counts as another


@receiver(changes_applied)
def keep_rewrites(changeset: ChangeSet, changes: Sequence[Change], **kwargs: Any) -> None:
    """Keep when each question was last rewritten."""
    uids = [change.uid for change in changes if change.kind == "question" and is_rewritten(change)]
    for batch in in_batches(uids):
        Rewrite.objects.bulk_create(
            [Rewrite(question_id=uid, at=timezone.now()) for uid in batch],
            update_conflicts=True,
            unique_fields=["question"],
            update_fields=["at"],
        )


def is_rewritten(change: Change) -> bool:
    """Whether readers see a question that asks or answers something else than before."""
    before, after = change.before, change.after
    if not before or not after or {before["status"], after["status"]} != {Status.PUBLISHED}:
        return False
    return any(staying(before[name], after[name]) < STAYS for name in ("question", "answer"))


def staying(before: str, after: str) -> float:
    """The share (0 to 1) of the words of both texts that both have."""
    words, others = (Counter(re.findall(r"\w+", text.lower())) for text in (before, after))
    number = words.total() + others.total()
    return 2 * (words & others).total() / number if number else 1.0
