"""Compares history with the rows: the newest applied version of every document beside its rows."""

from collections.abc import Iterator

from django.db.models import Max

from .changes import Change
from .documents import KINDS, in_batches
from .listing import TopicListing
from .models import Placement
from .recorded import FormerSlug


def differences() -> Iterator[str]:
    """A line for every document whose rows differ from its newest applied change.

    Both are compared as documents with the keys of today, so that a new key is no difference.
    """
    newest = Change.objects.applied().order_by().values_list("kind", "uid").annotate(newest=Max("pk"))
    pks = {(kind, uid): pk for kind, uid, pk in newest}
    for kind, schema in KINDS.items():
        uids = list(schema.model._base_manager.order_by("pk").values_list("uid", flat=True))
        for batch in in_batches(uids):
            known = [pks.pop((kind, uid)) for uid in batch if (kind, uid) in pks]
            after = dict(Change.objects.filter(pk__in=known).values_list("uid", "after"))
            for uid, saved in schema.read(batch).items():
                if uid not in after:
                    yield f"{kind} {uid}: history does not know it"
                elif after[uid] is None:
                    yield f"{kind} {uid}: it exists, and history says that it was deleted"
                elif keys := _differing(saved.document, schema.normal(after[uid])):
                    yield f"{kind} {uid}: history says something else of {', '.join(keys)}"
    for kind, schema in KINDS.items():
        rows = schema.model._base_manager.exclude(former_slugs=[]).values_list("uid", "former_slugs")
        wanted = {(slug, uid) for uid, slugs in rows for slug in slugs}
        index = set(FormerSlug.objects.filter(kind=kind).values_list("slug", "target"))
        for slug, uid in sorted(wanted ^ index):
            yield f"{kind} {uid}: “{slug}” is not both its former address and a redirect"
    for batch in in_batches(list(pks.values())):
        for change in Change.objects.filter(pk__in=batch, after__isnull=False, kind__in=KINDS):
            yield f"{change.kind} {change.uid}: history knows it, and it does not exist"


def outdated_lists() -> Iterator[str]:
    """A line for every document whose lists keep something else than the questions say: see `relist`."""
    for placement in Placement.objects.outdated().select_related("role", "question"):
        yield f"role {placement.role.uid}: its list counts {placement.question.uid} wrongly"
    for uid in TopicListing.objects.outdated():
        yield f"question {uid}: the lists of topics have it wrongly"


def _differing(now, then):
    return [key for key in now if now[key] != then[key]]
