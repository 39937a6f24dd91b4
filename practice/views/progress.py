"""What a learner's reviews add up to, as a page."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..progress import Knowledge, Recall, days_back


@require_safe
def progress(request):
    learner = request.learner
    context = {}
    if learner is not None and learner.reviews.exists():
        knowledge = Knowledge(learner)
        context = {
            "knowledge": knowledge,
            "days": knowledge.days_ahead,
            "recall": Recall(learner),
            "reviewed": days_back(learner),
        }
    return render(request, "practice/progress.html", {"has_reviews": bool(context), **context})
