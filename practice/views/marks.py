"""What a script of a public page asks for, and what it sends."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from questions.text import fit

from .. import identity
from ..forms import MarkForm, UndoForm
from ..marks import of_card, of_question, of_topic
from ..models import Learner
from ..refusals import NotAsked
from ..resuming import of_home, of_role
from ..shelf import shelf_of_question, shelf_of_role

# What may be asked for, by the parameter that asks, in the order in which the answers are joined.
Part = Callable[[Learner, str], dict[str, Any]]
PARTS: dict[str, list[Part]] = {
    "role": [of_role, shelf_of_role],
    "topic": [of_topic],
    "question": [of_question, shelf_of_question],
    "home": [of_home],
}

# The scripts of a page of the bank, by its kind; a path is a role without questions yet. The last one asks
# for what the others wait for.
KITS = {
    "home": ["outbox", "resume", "marks"],
    "role": ["shelf", "outbox", "marking", "unknown", "resume", "marks"],
    "path": ["shelf", "outbox", "resume", "marks"],
    "question": ["shelf", "outbox", "marking", "marks"],
    "topic": ["outbox", "marks"],
}


@require_safe
def kit(request, page):
    """The words, forms and scripts for marks and the shelf on a kind of page: the same for everybody."""
    if page not in KITS:
        raise Http404
    response = render(request, "practice/kit.html", {"scripts": KITS[page]})
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def token(request):
    """The token that a first mark has to come with, and in a cookie what it is compared with."""
    return JsonResponse({"token": get_token(request)})


@require_http_methods(["GET", "HEAD", "POST"])
def marks(request):
    return mark(request) if request.method == "POST" else told(request)


def told(request):
    """What the page that asks is told of the learner: nothing where there is none."""
    requested = {name: fit(request.GET[name]) for name in PARTS if name in request.GET}
    if not requested:
        raise NotAsked
    answer: dict[str, Any] = {"marks": {}}
    for name in requested if request.learner else ():
        for part in PARTS[name]:
            found = part(request.learner, requested[name])
            answer |= found | {"marks": answer["marks"] | found.get("marks", {})}
    return JsonResponse(answer)


def mark(request):
    """Add a review; the answer is what is known of the question now."""
    values = MarkForm(request.POST).checked()
    review = identity.review(request, **values)
    return JsonResponse({"key": str(review.key)} | known(request.learner, review))


@require_POST
def undo(request):
    """Let a review not count; the answer is what is known of its question now."""
    review = identity.undo(request, **UndoForm(request.POST).checked())
    return JsonResponse(known(request.learner, review))


def known(learner, review):
    card = learner.cards.filter(question=review.question_id).first()
    return of_card(card, learner.calendar)
