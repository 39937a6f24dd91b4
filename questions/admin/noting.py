"""The note that goes with sending something back: it is kept until it fits."""

from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from .. import text as texts
from ..changes import NOTE_LENGTH
from ..notices import came_from


def note_of(request) -> str:
    return texts.clean(request.POST.get("note", "")).strip()


def error_of_note(request, *, is_needed: bool = True) -> str:
    """What is wrong with the note of a request; empty where it is right."""
    note = note_of(request)
    if is_needed and not note:
        return _("Say what is missing, so that the writer can add it.")
    if len(note) > NOTE_LENGTH:
        facts = {"most": NOTE_LENGTH, "number": len(note)}
        return _("Keep the note to %(most)s characters; it has %(number)s.") % facts
    return ""


def page_of_note(modeladmin, request, what, error: str) -> TemplateResponse:
    """The page that shows the note again, with what is wrong with it."""
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _("The note on “%(name)s”") % {"name": what},
        "opts": modeladmin.opts,
        "note": note_of(request),
        "note_length": NOTE_LENGTH,
        "error": error,
        "back": came_from(request),
    }
    return TemplateResponse(request, "admin/questions/note.html", context)
