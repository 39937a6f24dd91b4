"""Pages that show questions alone. What joins them with other apps is in `interviewprep.views`."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .documents import KINDS
from .fields import render_markdown
from .models import Change, ChangeSet, FormerSlug, Placement, Question, Status, Topic
from .parameters import reads
from .previews import previewed


@require_safe
@reads("role")
def question_detail(request, slug):
    question = Question.objects.published().prefetch_related("topics").filter(slug=slug).first()
    if question is None:
        return moved_or_gone(request, Question, slug)
    placements = Placement.objects.published().around(question)
    # The role that the reader came from gives the neighbours; an unknown one is no error.
    place = next((place for place in placements if place.role.slug == request.GET.get("role")), None)
    context = {
        "question": question,
        "topics": question.topics.all(),
        "placements": placements,
        "place": place,
    }
    response = render(request, "questions/question_detail.html", context)
    query = f"?{urlencode({'role': place.role.slug})}" if place else ""
    response.headers["Content-Location"] = f"{question.get_absolute_url()}{query}"  # for the page cache
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
    context = {"question": question, "topics": topics, "placements": [], "place": None, "is_preview": True}
    response = render(request, "questions/question_detail.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def topic_list(request):
    return render(request, "questions/topic_list.html", {"topics": Topic.objects.published().with_counts()})


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
