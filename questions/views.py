"""Pages that show questions alone. What joins them with other apps is in `interviewprep.views`."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .documents import KINDS
from .fields import render_markdown
from .models import Category, Change, ChangeSet, Difficulty, FormerSlug, Placement, Question, Status, Topic
from .parameters import reads
from .places import place_of
from .previews import previewed


@require_safe
@reads("answers", "role", "topic")
def question_detail(request, slug):
    question = Question.objects.published().prefetch_related("topics").filter(slug=slug).first()
    if question is None:
        return moved_or_gone(request, Question, slug)
    placements = Placement.objects.published().around(question)
    place = place_of(question, request.GET, placements)
    hidden = request.GET.get("answers") == "hidden"
    context = {
        "question": question,
        "topics": question.topics.all(),
        "placements": placements,
        "place": place,
        "hidden": hidden,
    }
    response = render(request, "questions/question_detail.html", context)
    query = (place.query if place else {}) | ({"answers": "hidden"} if hidden else {})
    address = question.get_absolute_url() + (f"?{urlencode(query)}" if query else "")
    response.headers["Content-Location"] = address  # where the page cache keeps it
    return response


@require_safe
@never_cache
def preview(request, token):
    """A question as it would be: a saved draft, or the words of an open change set."""
    what, name = previewed(token)
    if what == "question":
        question = get_object_or_404(Question.objects.exclude(status=Status.RETIRED), uid=name)
        topics = question.topics.all()
    else:
        changes = Change.objects.filter(changeset__state__in=ChangeSet.OPEN, after__isnull=False)
        change = get_object_or_404(changes, pk=name, kind="question")
        words = KINDS["question"].normal(change.after)
        question = KINDS["question"].row(change.uid, words)
        render_markdown(question)
        topics = Topic.objects.filter(uid__in=words["topics"])
    context = {
        "question": question,
        "topics": topics,
        "place": None,
        "placements": [],
        "hidden": False,
        "is_preview": True,
    }
    response = render(request, "questions/question_detail.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def topic_list(request):
    topics = list(Topic.objects.published().with_counts())
    context = {"fields": topics_by_field(topics), "difficulties": Difficulty.values}
    return render(request, "questions/topic_list.html", context)


def topics_by_field(topics):
    """`[{"name", "topics"}, …]` in the order of the fields; topics of no role come last."""
    fields = Topic.objects.fields()
    chapters = [
        {"name": category.name, "topics": [topic for topic in topics if fields.get(topic.pk) == category.pk]}
        for category in Category.objects.published()
    ]
    others = [topic for topic in topics if topic.pk not in fields]
    chapters.append({"name": gettext("Other"), "topics": others})
    return [chapter for chapter in chapters if chapter["topics"]]


@require_safe
def topic_detail(request, slug):
    topic = Topic.objects.published().filter(slug=slug).first()
    if topic is None:
        return moved_or_gone(request, Topic, slug)
    questions = topic.questions.published().with_roles().by_difficulty()
    return render(request, "questions/topic_detail.html", {"topic": topic, "questions": questions})


def moved_or_gone(request, model, slug):
    """The answer where nothing published has this slug: moved (301), gone (410), or Http404.

    What was never public is 404, whatever its status and its addresses are.
    """
    former = FormerSlug.objects.filter(kind=model.kind, slug=slug).first()
    target = model.objects.filter(uid=former.target).first() if former else None
    # A topic has no status: it redirects, and its own page says whether there is anything to show.
    if target and target.was_public and getattr(target, "status", None) not in {Status.DRAFT, Status.REVIEW}:
        query = request.META["QUERY_STRING"]
        return redirect(target.get_absolute_url() + (f"?{query}" if query else ""), permanent=True)
    retired = None if model is Topic else model.objects.gone().filter(slug=slug).first()
    if retired is None:
        raise Http404
    return render(request, "410.html", {"retired": retired}, status=410)
