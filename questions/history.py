"""Whether history knows all: the newest applied version of every document beside its rows."""

from django.db.models import Max

from .changes import Change
from .documents import KINDS, in_batches
from .recorded import FormerSlug


def differences():
    """A line for every document of which the rows and the newest applied change say different things.

    Both are compared as documents with the keys of today, so that a new key is no difference.
    """
    newest = Change.objects.applied().order_by().values_list("kind", "uid").annotate(newest=Max("pk"))
    pks = {(kind, uid): pk for kind, uid, pk in newest}
    for kind in KINDS.values():
        for batch in in_batches(list(kind.model._base_manager.order_by("pk").values_list("uid", flat=True))):
            known = [pks.pop((kind.name, uid)) for uid in batch if (kind.name, uid) in pks]
            after = dict(Change.objects.filter(pk__in=known).values_list("uid", "after"))
            for uid, saved in kind.read(batch).items():
                if uid not in after:
                    yield f"{kind.name} {uid}: history does not know it"
                elif after[uid] is None:
                    yield f"{kind.name} {uid}: it exists, and history says that it was deleted"
                elif keys := _differing(saved.document, kind.normal(after[uid])):
                    yield f"{kind.name} {uid}: history says something else of {', '.join(keys)}"
    for name, kind in KINDS.items():
        rows = kind.model._base_manager.exclude(former_slugs=[]).values_list("uid", "former_slugs")
        wanted = {(slug, uid) for uid, slugs in rows for slug in slugs}
        index = set(FormerSlug.objects.filter(kind=name).values_list("slug", "target"))
        for slug, uid in sorted(wanted ^ index):
            yield f"{name} {uid}: “{slug}” is not both its former address and a redirect"
    for batch in in_batches(list(pks.values())):
        for change in Change.objects.filter(pk__in=batch, after__isnull=False, kind__in=KINDS):
            yield f"{change.kind} {change.uid}: history knows it, and it does not exist"


def _differing(now, then):
    return [key for key in now if now[key] != then[key]]
