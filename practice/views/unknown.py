"""What is not known yet of a role, as a page to read; its learner alone is shown it."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from questions.parts import part_number

from ..choosing import ChoiceForm
from ..unknown import Unknown
from .sessions import overview_page


@require_safe
def unknown(request):
    form = ChoiceForm(request.GET)
    if form.is_valid() and form.cleaned_data["role"] is None:
        form.add_error("role", _("Choose one, to read what you do not know of it yet."))
    if not form.is_valid():
        return overview_page(request, form, status=400)
    role, topic, difficulty = (form.cleaned_data[name] for name in ("role", "topic", "difficulty"))
    if request.learner is None:
        return redirect(role)
    unknown = Unknown(request.learner, role, topic, difficulty)
    context = {
        "role": role,
        "unknown": unknown,
        "page": unknown.part(part_number(request.GET.get("page", ""))),
        "hidden": request.GET.get("answers") == "hidden",
    }
    return render(request, "practice/unknown.html", context)
