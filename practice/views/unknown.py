"""What is not known yet of a role, as a page to read; its learner alone is shown it."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from questions.parts import part_number

from ..choosing import NOTHING, ChoiceForm, latest_role
from ..unknown import Unknown
from .sessions import overview_page


@require_safe
def unknown(request):
    """Reads a choice as a session does: without one it is the role of the last review."""
    form = ChoiceForm(request.GET)
    if not form.is_valid():
        return overview_page(request, form, status=400)
    role, topic, difficulty = (form.cleaned_data[name] for name in ("role", "topic", "difficulty"))
    if role is None and request.learner and not form.chosen:
        role = latest_role(request.learner)
    if role is None:
        form.add_error("role", _("Choose one, to read what you do not know of it yet."))
        return overview_page(request, form, status=400)
    if request.learner is None:
        return redirect(role)
    unknown = Unknown(request.learner, role, topic, difficulty)
    if not unknown.chosen:
        form.add_error(None, NOTHING)
        return overview_page(request, form, status=400)
    context = {
        "role": role,
        "unknown": unknown,
        "page": unknown.part(part_number(request.GET.get("page", ""))),
        "hidden": request.GET.get("answers") == "hidden",
    }
    return render(request, "practice/unknown.html", context)
