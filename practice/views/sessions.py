"""What to practise, the cards of a session one at a time, and its end."""

from uuid import uuid4

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from questions.models import Difficulty, Placement
from questions.text import fit

from .. import identity
from ..choosing import AT_A_TIME, CHOSEN, MOST, NOTHING, ChoiceForm
from ..forms import ReviewForm, UndoForm
from ..known import Known
from ..models import WORDS_LENGTH, Learner
from ..overview import Overview
from ..progress import days_ahead
from ..sessions import AddressForm
from ..steps import step_to_read

CHOICE = ("role", "topic", "difficulty")


@require_safe
def overview(request):
    return overview_page(request, ChoiceForm(initial={"number": CHOSEN}))


def overview_page(request, form, status=200):
    calendar = calendar_of(request)
    context = {
        "form": form,
        "is_learner": request.learner is not None,
        "overview": Overview(request.learner, calendar),
        "days": days_ahead(request.learner) if request.learner else None,
        "calendar": calendar,
        "at_a_time": AT_A_TIME,
        "most": MOST,
        "difficulties": Difficulty.choices,
    }
    return render(request, "practice/overview.html", context, status=status)


def calendar_of(request):
    return (request.learner or Learner()).calendar


@require_safe
def start(request):
    """Draw the cards, and go to the address that names them."""
    form = ChoiceForm(request.GET)
    if not form.is_valid():
        return overview_page(request, form, status=400)
    cards = form.draw(request.learner)
    if not cards and form.is_for_due:
        return redirect("practice")
    if not cards:
        form.add_error(None, NOTHING)
        return overview_page(request, form, status=400)
    started = int(timezone.now().timestamp() * 1000)
    query = {"cards": "-".join(map(str, cards)), "started": str(started), **form.chosen}
    return redirect(f"{reverse('practice_session')}?{urlencode(query)}")


@require_http_methods(["GET", "HEAD", "POST"])
def session(request):
    """The next card, or the end. A rating comes back to the same address."""
    of_address = AddressForm(request.GET).session(request.learner)
    if request.method != "POST":
        return session_page(request, of_address, words=of_address.undone_words)
    form = ReviewForm(with_ticks(request.POST))
    if not form.is_valid():
        return session_page(request, of_address, form, words=request.POST.get("words", ""), status=400)
    values = form.cleaned_data
    del values["at"]
    identity.review(request, values.pop("question"), values.pop("rating"), **values)
    return redirect(request.get_full_path())


def with_ticks(data):
    """What was sent, with how many key points were ticked; none is not the same as nothing said."""
    data = data.copy()
    data["said"] = len(data.getlist("point")) or ""
    return data


def session_page(request, session, form=None, *, words="", status=200):
    calendar = calendar_of(request)
    context = {
        "session": session,
        "calendar": calendar,
        "key": uuid4(),
        "form": form,
        "lost_words": words if form else "",
        "more_address": more_address(request, len(session.questions)),
        "undo_address": f"{reverse('practice_session_undo')}?{request.META['QUERY_STRING']}",
    }
    if session.question is None:
        missed = [each.question for each in session.to_read]
        context["step"] = step_to_read(missed, fit(request.GET.get("role", "")))
        return render(request, "practice/end.html", context, status=status)
    question = session.question
    is_same = form is None or form.data.get("question") == question.slug
    context |= {
        "question": question,
        "known": Known(request.learner, question, calendar),
        "placement": placement_of(question, request.GET.get("role")),
        "words": words if is_same else "",
        "lost_words": "" if is_same else words,
        "ticked": form.data.getlist("point") if form and is_same else [],
        "longest": WORDS_LENGTH,
    }
    return render(request, "practice/session.html", context, status=status)


def more_address(request, number):
    """Where as many cards of the same choice are drawn."""
    choice = {name: request.GET[name] for name in CHOICE if request.GET.get(name)}
    return f"{reverse('practice_start')}?{urlencode({'number': number, **choice})}"


def placement_of(question, slug):
    """Where it is asked: in the role of the session, or in the first one."""
    placements = Placement.objects.published().around(question)
    chosen = (placement for placement in placements if placement.role.slug == slug)
    return next(chosen, placements[0] if placements else None)


@require_POST
def undo(request):
    """Take the session's last rating back, and ask that question again."""
    identity.undo(request, **UndoForm(request.POST).checked())
    return redirect(f"{reverse('practice_session')}?{request.META['QUERY_STRING']}")
