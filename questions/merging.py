"""Merging two topics: the questions of one point to the other, and its addresses lead there."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from .changes import Change, ChangeSet
from .documents import KINDS, Item
from .models import Question, Topic

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def changes_of_merge(gone: Topic, kept: Topic) -> list[Change]:
    """The changes, not saved, that end the topic `gone` and lead to `kept` in its place."""
    documents = {
        uid: saved.document or {} for uid, saved in KINDS["topic"].read([gone.uid, kept.uid]).items()
    }
    ended, stays = documents[gone.uid], documents[kept.uid]
    former = sorted({*stays["former"], ended["slug"], *ended["former"]})
    items = [Item("topic", gone.uid, None), Item("topic", kept.uid, stays | {"former": former})]
    uids = Question.objects.filter(topics=gone).order_by("uid").values_list("uid", flat=True)
    for uid, saved in KINDS["question"].read(list(uids)).items():
        document = saved.document or {}
        items.append(Item("question", uid, document | {"topics": _merged(document["topics"], gone, kept)}))
    return Change.objects.towards(items, by_uid=True)


def merge_topics(gone: Topic, kept: Topic, changes: list[Change], author: "User") -> ChangeSet:
    """Make the `changes` of `changes_of_merge()`. Raises what `ChangeSet.apply()` raises.

    What is proposed or planned for these questions goes on, with the topic that is kept.
    """
    summary = _("Merged the topic “%(gone)s” into “%(kept)s”") % {"gone": gone, "kept": kept}
    with transaction.atomic():
        changeset = ChangeSet.objects.planned(
            changes, author=author, source=ChangeSet.Source.ADMIN, summary=summary[:300]
        )
        changeset.apply(author)
        _carry_over(gone, kept, {change.uid: change.base for change in changes if change.kind == "question"})
    return changeset


def _carry_over(gone, kept, versions):
    """Name the kept topic in plans and proposals; those made from the words before go on from those now."""
    plans = Change.objects.filter(kind="question", changeset__state__in=ChangeSet.OPEN)
    for change in plans.select_for_update():
        documents = [document for document in (change.before, change.after) if document]
        if not any(gone.uid in document.get("topics", ()) for document in documents):
            continue
        for document in documents:
            document["topics"] = _merged(document.get("topics", []), gone, kept)
        if versions.get(change.uid) == change.base:
            change.base += 1
        change.renew()


def _merged(uids, gone, kept):
    """The topics `uids`, with `kept` in the place of `gone`."""
    return sorted({kept.uid if uid == gone.uid else uid for uid in uids})
