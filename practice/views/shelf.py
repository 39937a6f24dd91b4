"""The shelf: what is kept, and the pages and answers by which it is kept."""

from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from questions.text import fit

from .. import identity
from ..forms import Wrong
from ..identity import wants_json
from ..shelf import (
    NoteChanged,
    Shelf,
    bookmark,
    discard,
    question_of,
    role_of,
    tick,
    ticked,
    unbookmark,
    write,
)
from ..shelf_forms import BookmarkForm, NoteForm, StepsForm

FORMS = ["GET", "HEAD", "POST"]


@require_http_methods(FORMS)
def shelf(request):
    """What is kept. What is sent here takes off what has no page any more."""
    if request.method == "POST":
        if request.learner is not None:
            kept = {name: fit(request.POST.get(name, "")) for name in ("question", "role")}
            discard(request.learner, **kept)
        return redirect("practice_shelf")
    return render(request, "practice/shelf.html", {"shelf": request.learner and Shelf(request.learner)})


@require_safe
def kept_of_question(request, slug):
    question = question_of(request.learner, slug)
    text = note_of(request.learner, question)
    return question_page(request, question, NoteForm(initial={"text": text, "before": text}))


def note_of(learner, question):
    note = learner and learner.notes.filter(question=question.uid).first()
    return note.text if note else ""


def question_page(request, question, form, status=200, **context):
    learner = request.learner
    is_bookmarked = bool(learner and learner.bookmarks.filter(question=question.uid).exists())
    context |= {"question": question, "form": form, "is_bookmarked": is_bookmarked}
    return render(request, "practice/kept_of_question.html", context, status=status)


@require_POST
def bookmarks(request, slug):
    """Bookmark a question, or take its bookmark away."""
    question = question_of(request.learner, slug)
    form = BookmarkForm(request.POST)
    if not form.is_valid():
        raise Wrong(form)
    is_bookmarked = form.cleaned_data["bookmarked"]
    if is_bookmarked:
        with identity.writing(request) as learner:
            bookmark(learner, question)
    elif request.learner is not None:
        unbookmark(request.learner, question)
    if wants_json(request):
        return JsonResponse({"bookmarked": is_bookmarked})
    if "from_shelf" in request.POST:
        return redirect("practice_shelf")
    return redirect("practice_kept", question.slug)


@require_POST
def notes(request, slug):
    """Write a note, or delete it."""
    question = question_of(request.learner, slug)
    form = NoteForm(request.POST)
    if not form.is_valid():
        if wants_json(request):
            raise Wrong(form)
        return question_page(request, question, form, status=400)
    try:
        keep_note(request, question, **form.cleaned_data)
    except NoteChanged as other:
        return changed_elsewhere(request, question, form, other.text)
    if wants_json(request):
        return JsonResponse({"text": form.cleaned_data["text"]})
    return redirect("practice_kept", question.slug)


def keep_note(request, question, text, before):
    if text or request.learner:
        with identity.writing(request) as learner:
            write(learner, question, text, before)


def changed_elsewhere(request, question, form, other):
    """The form again, with both notes: the one that was sent replaces the other once it is sent again."""
    error = gettext(
        "This note was changed elsewhere in the meantime. Take over what you want from it, and save again."
    )
    if wants_json(request):
        return JsonResponse({"error": error, "text": other}, status=409)
    again = NoteForm({"text": form.cleaned_data["text"], "before": other})
    again.add_error("text", error)
    return question_page(request, question, again, status=409, other=other)


@require_http_methods(FORMS)
def path(request, slug):
    """The steps of a role's path, to be ticked; those that the path has no more can still be unticked."""
    role = role_of(request.learner, slug)
    steps, done = role.steps.all(), ticked(request.learner, role)
    gone = [key for key in done if key not in {step.key for step in steps}]
    if request.method != "POST":
        context = {"role": role, "steps": steps, "done": done, "gone": gone}
        return render(request, "practice/path.html", context)
    form = StepsForm(request.POST, [*(step.key for step in steps), *gone])
    if not form.is_valid():
        raise Wrong(form)
    keep_steps(request, role, form.newly_done, form.undone)
    if wants_json(request):
        return JsonResponse({"steps": ticked(request.learner, role)})
    return redirect("practice_path", role.slug)


def keep_steps(request, role, done, undone):
    if done or request.learner:
        with identity.writing(request) as learner:
            tick(learner, role, done, undone)
