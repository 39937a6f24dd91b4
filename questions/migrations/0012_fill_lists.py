"""What lists keep follows from their questions; from now on every change set keeps it."""

from itertools import islice

from django.db import migrations

RANKS = {"easy": 1, "medium": 2, "hard": 3}


def fill(apps, schema_editor):
    Question, Placement, TopicListing = (
        apps.get_model("questions", name) for name in ("Question", "Placement", "TopicListing")
    )
    published = Question.objects.filter(status="published")
    for difficulty, rank in RANKS.items():
        questions = published.filter(difficulty=difficulty).order_by().values("pk")
        Placement.objects.filter(question__in=questions).update(rank=rank)
    topics = Question.topics.through.objects.filter(question__status="published").order_by("pk")
    rows = topics.values_list("topic", "question", "question__difficulty", "question__sort_key").iterator()
    while some := list(islice(rows, 5000)):
        TopicListing.objects.bulk_create(
            (
                TopicListing(topic_id=topic, question_id=question, rank=RANKS[difficulty], sort_key=sort_key)
                for topic, question, difficulty, sort_key in some
            ),
            batch_size=500,
        )


class Migration(migrations.Migration):
    dependencies = [("questions", "0011_lists_in_order")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
