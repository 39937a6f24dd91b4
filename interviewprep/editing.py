"""From a public page to the form of what it shows."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from questions.documents import KINDS
from questions.models import FormerSlug

HAVE_PAGES = {"question", "role", "topic"}


@require_safe
def edit(request, kind, slug):
    """Lead to the form of the document of `kind` that has or had this address."""
    if kind not in HAVE_PAGES:
        raise Http404
    model = KINDS[kind].model
    if not admin.site.get_model_admin(model).has_view_or_change_permission(request):
        raise PermissionDenied
    row = model.objects.filter(slug=slug).first()
    if row is None:
        targets = FormerSlug.objects.filter(kind=kind, slug=slug).values("target")
        row = model.objects.filter(uid__in=targets).first()
    if row is None:
        return _nothing_to_edit(request, model)
    return redirect(f"admin:questions_{kind}_change", row.pk)


def _nothing_to_edit(request, model):
    kinds = model._meta.verbose_name_plural
    deletions = reverse("admin:questions_changeset_changelist") + "?does=deletes"
    context = {
        "title": _("There is nothing to edit here"),
        "text": _(
            "What the page showed was deleted since, or has another address now. What was deleted can be "
            "brought back."
        ),
        "ways": [
            (reverse(f"admin:questions_{model.kind}_changelist"), _("All %(names)s") % {"names": kinds}),
            (deletions, _("What was deleted")),
        ],
    }
    context = admin.site.each_context(request) | context
    return render(request, "admin/not_found.html", context, status=404)
