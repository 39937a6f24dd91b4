"""The content version is one row from the start, so that raising it is always one UPDATE."""

from django.db import migrations


def make_the_row(apps, schema_editor):
    apps.get_model("questions", "ContentVersion").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("questions", "0001_bank")]
    operations = [migrations.RunPython(make_the_row, migrations.RunPython.noop)]
