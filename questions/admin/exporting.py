"""Exports at the desk: a role, what is chosen in a list, or the whole bank, as a file to download."""

from contextlib import ExitStack
from tempfile import TemporaryFile
from threading import Lock
from typing import Any, BinaryIO, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Count
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from ..documents import Label
from ..models import Status
from ..notices import say, shortened
from ..readers.reading import MAX_QUESTIONS
from ..writers import FORMATS, BankExport, Format, Unfit
from .widgets import is_key

CHOSEN = "chosen"  # the parameter with the keys of rows; without it, the parameters are those of the list

# An export takes one of the two threads of the desk, and maybe minutes: the other is for its pages.
_making = Lock()


class Busy(Exception):
    """Another export is being made in this process."""


class Subject(NamedTuple):
    """What is exported: its title on the page, and the beginning of the names of its files."""

    export: BankExport
    title: Label
    stem: str

    @property
    def is_empty(self) -> bool:
        return not (self.export.questions.exists() or self.export.asked_roles.exists())


class Exports:
    """For a model's admin: a page on which one takes a `Subject` as a file, and the files.

    Both are read by GET, and nothing is kept. Whatever its status, what is asked for is in the file.
    """

    def subject(self, request) -> Subject:
        """What the address asks for. Raises BadRequest."""
        raise NotImplementedError

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        page, file = map(require_safe, (self.export_view, self.export_file_view))
        return [
            path("export/", self.admin_site.admin_view(page), name=name),
            path("export/<slug:kind>/", self.admin_site.admin_view(file), name=f"{name}_file"),
            *super().get_urls(),
        ]

    def export_view(self, request):
        if not self.has_view_permission(request):
            raise PermissionDenied
        subject = self.subject(request)
        return self.nothing(request) if subject.is_empty else self.export_page(request, subject)

    def export_file_view(self, request, kind):
        if kind not in FORMATS:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        subject = self.subject(request)
        if subject.is_empty:
            return self.nothing(request)
        try:
            file = written(FORMATS[kind], subject.export)
        except Unfit as error:
            return self.export_page(request, subject, str(error), status=422)
        except Busy:
            text = gettext("Somebody else’s is being made: try again in a moment.")
            return self.export_page(request, subject, text, status=503)
        except OSError:
            text = gettext("There was no room on the server to write the file. Tell whoever runs it.")
            return self.export_page(request, subject, text, status=507)
        name = f"{subject.stem}-{timezone.localdate()}"
        name += "-exact" if kind == "exact-csv" else ""
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"{name}.{FORMATS[kind].ending}",
            content_type=FORMATS[kind].content_type,
        )

    def export_page(self, request, subject, error="", status=200):
        if error:
            messages.error(request, gettext("No file was made. %(reason)s") % {"reason": error})
        counts = dict(subject.export.questions.order_by().values_list("status").annotate(Count("pk")))
        total = sum(counts.values())
        context = {
            **self.admin_site.each_context(request),
            "title": subject.title,
            "opts": self.opts,
            "list_url": self.list_address(),
            "total": total,
            "hidden": total - counts.get(Status.PUBLISHED, 0),
            "counts": [(label, counts[name]) for name, label in Status.choices if name in counts],
            "most": MAX_QUESTIONS if total > MAX_QUESTIONS else 0,
            "formats": [(kind, self.export_address(request, name)) for name, kind in FORMATS.items()],
        }
        return render(request, "admin/questions/export.html", context, status=status)

    def nothing(self, request):
        say(request, gettext("There is nothing to export."), level=messages.WARNING)
        return redirect(self.list_address())

    def export_address(self, request, name: str) -> str:
        """The address of the file of the format `name`."""
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export_file", args=[name])
        return f"{url}?{request.GET.urlencode()}" if request.GET else url

    def list_address(self) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class ExportsChosen(Exports):
    """The same for rows that are chosen in the list: some by their keys, all by the list's own filter.

    So an address is short, however many they are.
    """

    def subject_of(self, rows: Any) -> Subject:
        """The rows of the model that `rows` are among."""
        raise NotImplementedError

    @admin.action(description=_("Export"), permissions=["view"])
    def export_selected(self, request, queryset):
        query = request.GET.urlencode()
        if request.POST.get("select_across") != "1":
            query = urlencode({CHOSEN: ",".join(request.POST.getlist(ACTION_CHECKBOX_NAME))})
        return redirect(f"{reverse(f'admin:questions_{self.opts.model_name}_export')}?{query}")

    def subject(self, request):
        pks = self.rows_of(request).order_by().values("pk")
        return self.subject_of(self.model.objects.filter(pk__in=pks))

    def rows_of(self, request):
        """The rows that the address names, or those of the list with its filter."""
        if CHOSEN in request.GET:
            pks = request.GET[CHOSEN].split(",")
            if not all(map(is_key, pks)):
                raise BadRequest(gettext("What was chosen is no row of this list."))
            return self.model.objects.filter(pk__in=pks)
        try:
            return self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters as error:
            raise BadRequest(gettext("That is no filter of this list.")) from error


def subject_of_questions(questions: Any) -> Subject:
    count = questions.count()
    title = ngettext("Export %(n)s question", "Export %(n)s questions", count) % {"n": count}
    return Subject(BankExport(questions.order_by("slug")), title, "questions")


def subject_of_roles(roles: Any) -> Subject:
    """One role by its name, in the order of its page; several with all their questions."""
    export = BankExport.of_roles(roles)
    if export.uid:
        role = roles.get()
        return Subject(export, gettext("Export “%(name)s”") % {"name": shortened(role)}, role.slug)
    count = roles.count()
    return Subject(export, ngettext("Export %(n)s role", "Export %(n)s roles", count) % {"n": count}, "roles")


def subject_of_bank() -> Subject:
    return Subject(BankExport.of_bank(), gettext("Export the whole bank"), "interview-prep")


def written(kind: Format, export: BankExport) -> BinaryIO:
    """A temporary file of this kind, to be read from its beginning. Raises Busy, Unfit or OSError."""
    if not _making.acquire(blocking=False):
        raise Busy
    try:
        with ExitStack() as failing:
            file = failing.enter_context(TemporaryFile())
            kind.write(export, file)
            file.seek(0)
            failing.pop_all()
        return file
    finally:
        _making.release()
