"""A proposal names its question, and what its reviewer said to it is no longer its author's note."""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery, Value


def fill(apps, schema_editor):
    ChangeSet, Change = (apps.get_model("questions", name) for name in ("ChangeSet", "Change"))
    open_ones = ChangeSet.objects.filter(state__in=["proposed", "returned"])
    uid = Change.objects.filter(changeset=OuterRef("pk"), kind="question").order_by("pk").values("uid")[:1]
    open_ones.filter(changes__kind="question").update(subject=Subquery(uid))
    open_ones.filter(state="returned").update(reply=F("note"), note=Value(""))


def empty(apps, schema_editor):
    ChangeSet = apps.get_model("questions", "ChangeSet")
    ChangeSet.objects.filter(state="returned").update(note=F("reply"))


class Migration(migrations.Migration):
    dependencies = [("questions", "0003_proposals")]

    operations = [migrations.RunPython(fill, empty)]
