"""The two groups of curators, made by the first migration and never touched again.

Writers draft, send to review and propose changes to published words; Editors do everything else
with the bank, and look after colleagues. What a Writer's permissions seem to allow is narrowed by the
change sets themselves, and what an Editor's do of accounts by `interviewprep.colleagues`.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

EDITORS, WRITERS = "Editors", "Writers"
APPS = ["questions", "learningpath"]
WRITER = ["add_question", "change_question", "delete_question"]


def make_groups(sender, using, **kwargs):
    """After each migration, once: for the last of our apps that has models."""
    if sender.label != APPS[-1]:
        return
    for label in [*APPS, "auth"]:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    permissions = Permission.objects.using(using).filter(content_type__app_label__in=APPS)
    views = permissions.filter(codename__startswith="view_")
    accounts = Permission.objects.using(using).filter(
        content_type__app_label="auth", content_type__model="user"
    )
    for name, granted in {
        EDITORS: permissions | accounts,
        WRITERS: permissions.filter(codename__in=WRITER) | views,
    }.items():
        group, created = Group.objects.using(using).get_or_create(name=name)
        if created:
            group.permissions.set(granted)
