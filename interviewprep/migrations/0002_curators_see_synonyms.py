"""Editors may change synonyms and Writers see them, in databases whose groups were made before there were any.

A migration, as it runs once: what an operator takes from a group afterwards stays taken. Django makes
permissions only after migrating, so they are made here. In a new database there is no group yet.
"""

from django.db import migrations

NAMES = {f"{verb}_synonym": f"Can {verb} synonym" for verb in ("add", "change", "delete", "view")}
GRANTED = {"Editors": list(NAMES), "Writers": ["view_synonym"]}


def grant(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.filter(name__in=GRANTED)
    if not groups.exists():
        return
    content_type, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="questions", model="synonym"
    )
    permissions = apps.get_model("auth", "Permission").objects
    for codename, name in NAMES.items():
        permissions.get_or_create(content_type=content_type, codename=codename, defaults={"name": name})
    for group in groups:
        group.permissions.add(*permissions.filter(content_type=content_type, codename__in=GRANTED[group.name]))


def take_back(apps, schema_editor):
    permissions = apps.get_model("auth", "Permission").objects.filter(codename__in=NAMES)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GRANTED):
        group.permissions.remove(*permissions)


class Migration(migrations.Migration):
    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("interviewprep", "0001_editors_look_after_colleagues"),
        ("questions", "0012_search_index"),
    ]
    operations = [migrations.RunPython(grant, take_back)]
