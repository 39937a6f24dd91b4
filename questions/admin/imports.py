"""Imports at the desk: files are read, their items looked through, and what is chosen is applied at once."""

from secrets import token_urlsafe
from time import monotonic

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from .. import readers
from .. import text as texts
from ..imported import UPLOAD_LIFETIME, Import, Upload
from ..importing import source_of, working
from ..importing.planning import NEAR, WRONG
from ..importing.template import TEMPLATES
from ..models import Category
from ..notices import Way, page_of, role_way, say, undo_way
from ..readers import UnreadableFile
from ..refusals import Closed, Conflict, Incomplete, Invalid
from .documents import SeenByCurators, is_editor, report_refusal
from .exporting import Exports, subject_of_bank
from .import_forms import ChoicesForm, ColumnsForm, ItemForm, KeyForm, form_of
from .import_page import ImportPage
from .widgets import is_key

PASTED = "pasted"  # the name of what has none
LISTED = 20  # imports on a page of the list
REPORT_EVERY = 0.3  # seconds between two notes on how far the reading is
MOST_COLUMNS = 30  # whose meaning is asked for


@admin.register(Import)
class ImportAdmin(Exports, SeenByCurators):
    def has_view_permission(self, request, obj=None):
        """Who writes questions may import some; imports of others are for Editors."""
        may_write = request.user.has_perm("questions.add_question")
        return may_write and (obj is None or is_editor(request.user) or obj.changeset.author == request.user)

    def get_urls(self):
        views = [
            ("template.<str:ending>", "template", require_safe(self.template_view)),
            ("progress/<slug:key>/", "progress", require_safe(self.progress_view)),
            ("columns/<slug:key>/", "columns", self.columns_view),
            ("<int:pk>/choose/", "choose", self.posted(self.choose_view)),
            ("<int:pk>/items/<int:number>/", "item", self.item_view),
            ("<int:pk>/left-over/<int:number>/", "left_over", self.posted(self.left_over_view)),
            ("<int:pk>/discard/", "discard", self.posted(self.discard_view)),
        ]
        own = [
            path(route, self.admin_site.admin_view(view), name=f"questions_import_{name}")
            for route, name, view in views
        ]
        return [*own, *super().get_urls()]

    def subject(self, request):
        return subject_of_bank()

    def posted(self, view):
        """`view` for what is posted to an import that is still there; otherwise its page, which says so.

        Who had to log in first comes by GET.
        """

        def only_posted(request, pk, **kwargs):
            if request.method != "POST" or not Import.objects.filter(pk=pk).exists():
                return redirect("admin:questions_import_change", pk)
            return view(request, pk, **kwargs)

        return only_posted

    def get_import(self, request, pk) -> Import:
        row = get_object_or_404(
            Import.objects.select_related("changeset__author", "changeset__undone_by"), pk=pk
        )
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    # Reading

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self.read_view(request)
        return self.doors(request)

    def doors(self, request, *, text="", status=200):
        """The page with the two doors, and the list of imports."""
        rows = Import.objects.seen_by(request.user).for_list()
        page = Paginator(rows, LISTED).get_page(request.GET.get("page"))
        for row in page.object_list:
            row.undo = row.changeset.may_be_undone_by(request.user) and row.came_in
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import"),
            "opts": self.opts,
            "page": page,
            "key": token_urlsafe(9),
            "text": text,
            "is_editor": is_editor(request.user),
            "most_megabytes": readers.files.MAX_BYTES // 1_000_000,
            "most_bytes": readers.files.MAX_BYTES,
        }
        return render(request, "admin/questions/imports.html", context, status=status)

    def read_view(self, request):
        form = KeyForm(request.POST)
        key = form.cleaned_data["key"] if form.is_valid() else ""
        files = request.FILES.getlist("files")
        pasted = request.POST.get("text", "")
        if not (files or pasted.strip()):
            messages.error(request, gettext("Choose a file, or paste something."))
            return self.doors(request, text=pasted, status=400)
        upload = Upload.objects.begin(key or token_urlsafe(9), request.user)
        if upload is None:
            messages.warning(request, gettext("This is being read already: it is in the list in a moment."))
            return redirect("admin:questions_import_changelist")
        try:
            return self.read(request, upload, files, pasted)
        finally:
            Upload.objects.filter(pk=upload.pk).delete()

    def read(self, request, upload, files, pasted):
        """Read all files; nothing is kept if one of them cannot be read."""
        sources, errors = [], []
        for file in files:
            try:
                name = texts.line(file.name)[-200:]
                readers.files.check_size(file.size)
                sources.append(source_of(name, readers.read_bytes(file.read(), name)))
            except UnreadableFile as error:
                errors.append(f"{file.name}: {error}")
        try:
            if pasted.strip():
                reading = readers.read_text(pasted)
                sources.append(source_of(reading.title or PASTED, reading))
            if len(files) == 1 and not errors and sources[0].reading.head:
                return self.ask_for_columns(request, files[0])
            if not errors:
                row = working.read_through(sources, request.user, reporter(upload))
                return answer(request, reverse("admin:questions_import_change", args=[row.pk]))
        except UnreadableFile as error:
            errors.append(str(error))
        for error in errors:
            messages.error(request, gettext("Not read: %(reason)s") % {"reason": error})
        return self.doors(request, text=pasted, status=400)

    def progress_view(self, request, key):
        """How far the reading is, as a sentence; empty where nothing is being read."""
        upload = Upload.objects.filter(key=key, user=request.user, content=None).first()
        text = ""
        if upload and upload.total:
            text = gettext("Read %(done)s of %(total)s.") % {"done": upload.done, "total": upload.total}
        elif upload:
            text = gettext("Reading …")
        done = {"done": upload.done, "total": upload.total} if upload else {}
        return JsonResponse({"text": text} | done)

    # Columns that a table does not name

    def ask_for_columns(self, request, file):
        file.seek(0)
        key = token_urlsafe(9)
        Upload.objects.begin(key, request.user, texts.line(file.name)[-200:], file.read())
        return answer(request, reverse("admin:questions_import_columns", args=[key]))

    def columns_view(self, request, key):
        upload = Upload.objects.filter(key=key, user=request.user).exclude(content=None).first()
        if upload is None:
            messages.error(request, gettext("That file is not kept any more: send it again."))
            return redirect("admin:questions_import_changelist")
        content = bytes(upload.content)
        head = readers.read_bytes(content, upload.name).head
        width = min(max(map(len, head), default=0), MOST_COLUMNS)
        form = ColumnsForm(request.POST or None, names=head[0] if head else [], width=width)
        if request.method == "POST" and form.is_valid():
            try:
                reading = readers.read_bytes(content, upload.name, form.columns())
                row = working.read_through([source_of(upload.name, reading)], request.user)
            except UnreadableFile as error:
                messages.error(request, gettext("Not read: %(reason)s") % {"reason": error})
            else:
                upload.delete()
                return redirect("admin:questions_import_change", row.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What do the columns hold?"),
            "opts": self.opts,
            "upload": upload,
            "form": form,
            "rows": [(row + [""] * width)[:width] for row in head],
            "lifetime": UPLOAD_LIFETIME,
        }
        return render(request, "admin/questions/import_columns.html", context)

    def template_view(self, request, ending):
        """A table to fill in."""
        if ending not in {"csv", "xlsx"}:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        content, kind = TEMPLATES[ending]()
        response = HttpResponse(content, content_type=kind)
        response["Content-Disposition"] = f'attachment; filename="questions.{ending}"'
        return response

    # Looking through

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not is_key(object_id) or not Import.objects.filter(pk=object_id).exists():
            text = gettext("That import is not there any more: what nobody applies is removed after a day.")
            messages.warning(request, text)
            return redirect("admin:questions_import_changelist")
        row = self.get_import(request, object_id)
        return self.page(request, row)

    def page(self, request, row, *, choices=None, item_form=None, editing=None, status=200):
        """The page of an import; `item_form` is that of the item with the number `editing`."""
        query = request.GET
        if editing is None and is_key(query.get("edit")) and int(query["edit"]) < len(row.items):
            editing = int(query["edit"])
        shown = ImportPage(row, query.get("show", ""), query.get("page"), query.get("left"))
        rows = shown.rows()
        for each in rows:
            if each.number == editing and each.may_be_edited and shown.is_open:
                each.form = item_form or form_of(each)
        context = {
            **self.admin_site.each_context(request),
            "title": row.name,
            "opts": self.opts,
            "row": row,
            "shown": shown,
            "rows": rows,
            "choices_form": choices or (ChoicesForm(row=row, user=request.user) if shown.is_open else None),
            "categories": Category.objects.values_list("name", flat=True) if row.role else (),
            "new_topics": shown.new_topics(),
            "summary": summary_of(shown.summary()),
            "is_editor": is_editor(request.user),
            "undo": undo_way(request.user, row.changeset, row.total) if row.came_in else None,
        }
        return render(request, "admin/questions/import.html", context, status=status)

    def choose_view(self, request, pk):
        """Keep what is chosen on a page; then go on to another, or apply it all."""
        row = self.get_import(request, pk)
        seen = request.POST.get("version", "")
        is_current = seen == str(row.version)
        form = ChoicesForm(request.POST, row=row, user=request.user)
        try:
            self.keep(request, row, form)
        except Closed as refusal:
            report_refusal(request, refusal)
            return redirect("admin:questions_import_change", pk)
        row = self.get_import(request, pk)
        if request.headers.get("Accept") == "application/json":
            counts = ImportPage(row).summary()
            text = summary_of(counts)
            return JsonResponse({"version": row.version, "taken": counts["taken"], "text": text})
        if "apply" not in request.POST:
            return redirect(f"{reverse('admin:questions_import_change', args=[pk])}{way_on(request.POST)}")
        if not is_current:
            text = gettext("Nothing was imported yet: this was changed in another window. Look again.")
            messages.error(request, text)
            return redirect("admin:questions_import_change", pk)
        if not form.is_valid():
            return self.page(request, row, choices=form, status=400)
        return self.apply(request, row, form.choices())

    def keep(self, request, row, form):
        numbers = {
            name: [int(n) for n in request.POST.getlist(name) if is_key(n)] for name in ("shown", "take")
        }
        ways = {number: way for number in numbers["shown"] if (way := request.POST.get(f"way-{number}"))}
        working.keep_choices(row, numbers["shown"], numbers["take"], ways)
        if everything := request.POST.get("all"):
            sieved = ImportPage(row, request.POST.get("show", ""))
            numbers = sieved.page.paginator.object_list
            working.take_all(row, numbers, taken=everything == "take", near=sieved.show == NEAR)
        if form.is_valid():
            working.keep_as_what(row, form.choices())

    def apply(self, request, row, choices):
        pk = row.pk
        try:
            outcome = working.apply(row, request.user, choices, row.version)
        except (Conflict, Invalid) as refusal:
            working.plan_again(Import.objects.select_related("changeset").get(pk=pk), request.user)
            text = gettext("Nothing was imported, and it was planned again: look through it. %(reason)s")
            messages.error(request, text % {"reason": refusal})
        except (Closed, Incomplete) as refusal:
            messages.error(request, str(refusal))
        except PermissionDenied:
            messages.error(request, gettext("Nothing was imported: an Editor has to do this."))
        else:
            see = Way(gettext("See what it changed"), page_of(row.changeset))
            undo = undo_way(request.user, row.changeset, outcome.total)
            say(request, str(outcome), see, role_way(row.changeset), undo)
        return redirect("admin:questions_import_change", pk)

    # One item

    def item_view(self, request, pk, number):
        """Give an item other words; what is typed is kept, whatever comes between."""
        if not Import.objects.filter(pk=pk).exists():
            return redirect("admin:questions_import_change", pk)
        row = self.get_import(request, pk)
        if number >= len(row.items):
            raise Http404
        if request.method != "POST":
            return redirect(f"{reverse('admin:questions_import_change', args=[pk])}?edit={number}")
        item = row.items[number]
        form = ItemForm(request.POST, is_whole=item.get("whole", False))
        if not form.is_valid():
            return self.page(request, row, item_form=form, editing=number, status=400)
        try:
            entry = working.edit(row, number, form.values(), form.cleaned_data["seen"], request.user)
        except (Closed, Incomplete) as refusal:
            messages.error(request, str(refusal))
            return self.page(
                request, self.get_import(request, pk), item_form=form, editing=number, status=409
            )
        self.say_edited(request, number, entry)
        return redirect(self.back_to_item(request, pk, number))

    def say_edited(self, request, number, entry):
        name = {"n": number + 1, "reason": entry.reason}
        if entry.verdict == WRONG:
            messages.error(request, gettext("Item %(n)s is still wrong. %(reason)s") % name)
        else:
            messages.success(request, gettext("Item %(n)s is kept as you wrote it.") % name)

    def back_to_item(self, request, pk, number):
        query = QueryDict(request.GET.urlencode(), mutable=True)
        query.pop("edit", None)
        address = reverse("admin:questions_import_change", args=[pk])
        return f"{address}?{query.urlencode()}#item-{number + 1}"

    def left_over_view(self, request, pk, number):
        """Give a line that is left over to an item."""
        row = self.get_import(request, pk)
        target = request.POST.get("item", "")
        if not is_key(target) or int(target) >= len(row.items) or number >= len(row.left_over):
            raise Http404
        try:
            entry = working.give(row, number, request.POST.get("text", ""), int(target), request.user)
        except (Closed, Incomplete) as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:questions_import_change", pk)
        self.say_edited(request, int(target), entry)
        return redirect(self.back_to_item(request, pk, int(target)))

    def discard_view(self, request, pk):
        row = self.get_import(request, pk)
        try:
            working.discard(row)
        except Closed as refusal:
            report_refusal(request, refusal)
            return redirect("admin:questions_import_change", pk)
        messages.success(request, gettext("Discarded “%(name)s”. Nothing was written.") % {"name": row.name})
        return redirect("admin:questions_import_changelist")


def reporter(upload: Upload):
    """A function that notes how far the reading is, now and then."""
    last = 0.0

    def note(done, total):
        nonlocal last
        if monotonic() - last > REPORT_EVERY:
            last = monotonic()
            upload.note(done, total)

    return note


def answer(request, address):
    """The way to `address`: for the script that shows the progress, and for a browser."""
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"url": address})
    return redirect(address)


def way_on(data) -> str:
    """The query and the place of the page that a button leads to."""
    query = QueryDict(mutable=True)
    for name in ("show", "page", "left"):
        if value := data.get(name):
            query[name] = value
    place = ""
    if go := data.get("go"):
        query["page"] = go
        place = "#items"
    if is_key(data.get("edit")):
        query["edit"] = data["edit"]
        place = f"#item-{int(data['edit']) + 1}"
    return f"?{query.urlencode()}{place}" if query else place


def summary_of(counts: dict[str, int]) -> str:
    """What applying would do, in one sentence."""
    parts = []
    if counts["new"]:
        parts.append(ngettext("makes %(n)s new", "makes %(n)s new", counts["new"]) % {"n": counts["new"]})
    if counts["bare"]:
        text = ngettext("%(n)s draft without an answer", "%(n)s drafts without an answer", counts["bare"])
        parts.append(text % {"n": counts["bare"]})
    if counts["changed"]:
        text = ngettext("changes %(n)s", "changes %(n)s", counts["changed"])
        parts.append(text % {"n": counts["changed"]})
    if counts["left_out"]:
        parts.append(gettext("leaves %(n)s out") % {"n": counts["left_out"]})
    text = ", ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."
