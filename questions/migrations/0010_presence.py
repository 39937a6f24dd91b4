import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('questions', '0009_what_sets_delete_and_make'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('uid', models.CharField(max_length=100)),
                ('opened', models.DateTimeField()),
                ('seen', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['kind', 'uid'], name='presence_document'), models.Index(fields=['seen'], name='presence_seen')],
                'constraints': [models.UniqueConstraint(fields=('user', 'kind', 'uid'), name='presence_once')],
            },
        ),
    ]
