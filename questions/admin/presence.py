"""The form of a document notes who has it open, and says who else has."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseBadRequest, JsonResponse
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.views.decorators.http import require_POST

from ..presence import SIGN_EVERY, Presence


class NotesPresence:
    """For the admin of a kind of document."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.presence_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_presence"
        return [path("presence/<str:uid>/", view, name=name), *super().get_urls()]

    def render_change_form(self, request, context, *args, **kwargs):
        row = kwargs.get("obj")
        if row is not None and self.has_change_permission(request, row):
            context["presence"] = self._presence(request.user, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def _presence(self, user, row):
        """What `_presence.html` shows, and what its script needs."""
        present = Presence.objects.sign(user.pk, row.kind, row.uid)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_presence"
        return {
            "note": present.note if present else "",
            "seen": present.stamp if present else "",
            "address": reverse(name, args=[row.uid]),
            "every": int(SIGN_EVERY.total_seconds()),
        }

    def presence_view(self, request, uid):
        """A sign of life from a form that is open, or with `leave` from one that was just left."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        kind = self.model.kind
        if "leave" in request.POST:
            seen = _moment(request.POST.get("seen", ""))
            if seen is None:
                return HttpResponseBadRequest()
            Presence.objects.leave(request.user.pk, kind, uid, seen)
            return JsonResponse({})
        exists = self.model.objects.filter(uid=uid).exists
        try:
            present = Presence.objects.sign(request.user.pk, kind, uid, exists)
        except Presence.DoesNotExist as error:
            raise Http404 from error
        if present is None:  # nobody can tell at the moment, so the page keeps what it says
            return JsonResponse({}, status=503)
        return JsonResponse({"note": present.note, "seen": present.stamp})


def _moment(text):
    """The moment that `text` names, or None."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and is_aware(moment) else None
