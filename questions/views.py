"""Pages that show questions alone. What joins them with other apps is in `interviewprep.views`."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from .models import FormerSlug, Placement, Question, Status


@require_safe
def question_detail(request, slug):
    question = Question.objects.published().prefetch_related("topics").filter(slug=slug).first()
    if question is None:
        return elsewhere(request, Question, slug)
    placements = Placement.objects.published().filter(question=question).select_related("role__category")
    return render(
        request,
        "questions/question_detail.html",
        {"question": question, "topics": question.topics.all(), "placements": placements},
    )


def elsewhere(request, model, slug):
    """The answer where nothing published has this slug: moved (301), gone (410), or Http404."""
    former = FormerSlug.objects.filter(kind=model.kind, slug=slug).first()
    target = model.objects.filter(uid=former.target).first() if former else None
    if target and target.status in {Status.PUBLISHED, Status.RETIRED}:
        return redirect(target, permanent=True)
    retired = model.objects.filter(slug=slug, status=Status.RETIRED).first()
    if retired is None:
        raise Http404
    return render(request, "410.html", {"retired": retired}, status=410)
