"""Editors may look after colleagues, in databases whose groups were made before they could.

A migration, as it runs once: what an operator takes from the group afterwards stays taken. In a new
database there is no group yet; `interviewprep.groups` makes it with these rights.
"""

from django.db import migrations

CODENAMES = ["add_user", "change_user", "delete_user", "view_user"]


def rights(apps):
    permissions = apps.get_model("auth", "Permission").objects
    return permissions.filter(content_type__app_label="auth", codename__in=CODENAMES)


def grant(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="Editors"):
        group.permissions.add(*rights(apps))


def take_back(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name="Editors"):
        group.permissions.remove(*rights(apps))


class Migration(migrations.Migration):
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(grant, take_back)]
