"""Former addresses become a part of documents, in rows and in history; names get a key to sort by.

A role has dates of its own now: those of its questions, as far as they are known.
"""

from django.db import migrations
from django.db.models import Max, Min
from django.utils import timezone

from questions.text import fold

KINDS = {"category": "Category", "topic": "Topic", "question": "Question", "role": "Role"}


def fill(apps, schema_editor):
    models = {kind: apps.get_model("questions", name) for kind, name in KINDS.items()}
    for kind, model in models.items():
        name = "text" if kind == "question" else "name"
        for row in model.objects.only("pk", name).iterator():
            model.objects.filter(pk=row.pk).update(sort_key=fold(getattr(row, name))[:100])
    fill_former_slugs(apps, models)
    roles = models["role"].objects.filter(status__in=["published", "retired"])
    dates = roles.annotate(
        first=Min("placements__question__published_at"), last=Max("placements__question__updated")
    ).order_by()
    for role in dates:
        now = timezone.now()
        models["role"].objects.filter(pk=role.pk).update(
            published_at=role.first or now, updated=role.last or now
        )


def fill_former_slugs(apps, models):
    former = {}
    for row in apps.get_model("questions", "FormerSlug").objects.order_by("slug"):
        former.setdefault((row.kind, row.target), []).append(row.slug)
    changes = apps.get_model("questions", "Change").objects.filter(changeset__state="applied")
    for (kind, uid), slugs in former.items():
        models[kind].objects.filter(uid=uid).update(former_slugs=sorted(slugs))
        newest = changes.filter(kind=kind, uid=uid).order_by("-pk").first()
        if newest and newest.after:
            newest.after["former"] = sorted(slugs)
            newest.save()


class Migration(migrations.Migration):
    dependencies = [("questions", "0005_parts_of_a_question")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
