"""Pages that show questions alone. What joins them with other apps is in `interviewprep.views`."""

from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from .documents import KINDS
from .fields import render_markdown
from .filters import QuestionFilter
from .models import (
    Category,
    Change,
    ChangeSet,
    Difficulty,
    FormerSlug,
    Placement,
    Question,
    Report,
    Role,
    Status,
    Topic,
)
from .old_pages import HAVE_PAGES, old_page
from .parameters import reads
from .parts import part_address, part_number
from .places import place_of
from .previews import previewed
from .public import PublicDocument
from .recorded import Document
from .report_form import MOST_BYTES, ReportForm
from .reports import TooMany
from .results import Search, Suggestions, examples
from .search import related
from .visitors import network_of
from .writers import OF_PAGES, PageExport

SCHEMA = Path(__file__).with_name("readers") / "schema.json"


@require_safe
@reads("answers", "role", "topic")
def question_detail(request: HttpRequest, slug: str) -> HttpResponse:
    question = Question.objects.published().prefetch_related("topics").filter(slug=slug).first()
    if question is None:
        return moved_or_gone(request, Question, slug)
    placements = Placement.objects.published().around(question)
    place = place_of(question, request.GET, placements)
    hidden = request.GET.get("answers") == "hidden"
    context = {
        "question": question,
        "topics": question.topics.all(),
        "placements": placements,
        "place": place,
        "hidden": hidden,
        "related": related(question),
        "report_address": reverse("report", args=[question.slug]),
    }
    response = render(request, "questions/question_detail.html", context)
    hiding = {"answers": "hidden"} if hidden else {}
    query = place.query if place else hiding
    address = question.get_absolute_url() + (f"?{urlencode(query)}" if query else "")
    response.headers["Content-Location"] = address  # where the page cache keeps it
    return response


@csrf_exempt  # which needs a cookie: see `report_form`
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@reads("role")
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """The form with which a reader reports a problem of a question, and what it sends."""
    question = Question.objects.published().named(slug)
    if question is None:
        return moved_or_gone(request, Question, slug)
    back = way_back(request, question)
    if request.method != "POST":
        if question.slug != slug:
            return redirect(back.report)
        return report_page(request, ReportForm(question), back)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return report_page(request, ReportForm(question), back, status=413)
    is_from_here = request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
    form = ReportForm(question, request.POST, is_from_here=is_from_here)
    if not form.is_valid():
        return report_page(request, form, back, status=400)
    words = {name: form.cleaned_data[name] for name in ("kind", "text")}
    try:
        Report.objects.receive(question, **words, network=network_of(request))
    except TooMany as error:
        form.add_error(None, _still_here(error))
        response = report_page(request, form, back, status=429)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    return redirect(back.thanks)


def _still_here(error):
    minutes = ceil(error.seconds / 60)
    text = ngettext(
        "%(reason)s Your words are still here: try again in %(n)s minute.",
        "%(reason)s Your words are still here: try again in %(n)s minutes.",
        minutes,
    )
    return text % {"reason": error, "n": minutes}


def report_page(request: HttpRequest, form: ReportForm, back: "Back", status: int = 200) -> HttpResponse:
    context = {"form": form, "question": form.question, "back": back, "is_too_long": status == 413}
    response = render(request, "questions/report.html", context, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt  # so that what is sent here is refused without a word of cookies
@require_safe
@never_cache
@reads("role")
def report_thanks(request: HttpRequest, slug: str) -> HttpResponse:
    question = Question.objects.published().named(slug)
    if question is None:
        return moved_or_gone(request, Question, slug)
    context = {"question": question, "back": way_back(request, question)}
    response = render(request, "questions/report_thanks.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


class Back(NamedTuple):
    """Where the reader of a report's pages came from, and these pages with that in their addresses."""

    address: str
    report: str
    thanks: str


def way_back(request: HttpRequest, question: Question) -> Back:
    """To the role page that `?role=` names, at the question; else to the question's own page."""
    slug = request.GET.get("role", "")
    role = Role.objects.published().filter(slug=slug, placements__question=question).first() if slug else None
    query = f"?{urlencode({'role': role.slug})}" if role else ""
    address = f"{role.get_absolute_url()}#q-{question.slug}" if role else question.get_absolute_url()
    pages = (reverse(name, args=[question.slug]) + query for name in ("report", "report_thanks"))
    return Back(address, *pages)


@require_safe
@never_cache
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """A question as it would be: a saved draft, or the words of an open change set. Or an old version."""
    what, name = previewed(token)
    if what == "version":
        versions = Change.objects.applied().filter(after__isnull=False, kind__in=HAVE_PAGES)
        return old_page(request, get_object_or_404(versions.select_related("changeset"), pk=name))
    question: Document
    if what == "question":
        saved = get_object_or_404(Question.objects.exclude(status=Status.RETIRED), uid=name)
        question, topics = saved, saved.topics.all()
    else:
        changes = Change.objects.filter(changeset__state__in=ChangeSet.OPEN, after__isnull=False)
        change = get_object_or_404(changes, pk=name, kind="question")
        words = KINDS["question"].normal(change.after) or {}
        question = KINDS["question"].row(change.uid, words)
        render_markdown(question)
        topics = Topic.objects.filter(uid__in=words["topics"])
    context: dict[str, Any] = {
        "question": question,
        "topics": topics,
        "place": None,
        "placements": [],
        "hidden": False,
        "is_preview": True,
        "old_since": None,
    }
    response = render(request, "questions/question_detail.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@reads("difficulty", "topic")
def role_export(request: HttpRequest, slug: str, ending: str) -> HttpResponse:
    """The questions of a role's page as a file, as its filter leaves them: those of all its parts."""
    if ending not in OF_PAGES:
        raise Http404
    role = Role.objects.published().filter(slug=slug).first()
    if role is None:
        return moved_or_gone(request, Role, slug)
    filterset = QuestionFilter(request.GET, queryset=role.placements.published())
    if not filterset.is_valid():  # the page says at which field
        return redirect(f"{role.get_absolute_url()}?{request.META['QUERY_STRING']}")
    file, kind = BytesIO(), OF_PAGES[ending]
    kind.write(PageExport(role, filterset.found, filterset.qs), file)
    name = "-".join([role.slug, *(value for values in filterset.chosen.values() for value in values)])
    response = HttpResponse(file.getvalue(), content_type=kind.content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name[:100]}.{ending}")
    response.headers["X-Robots-Tag"] = "noindex"
    if len(filterset.chosen.get("topic", [])) < 2:  # of sets of topics there are too many to keep each
        response.headers["Content-Location"] = part_address(request.path, 1, **filterset.chosen)
    return response


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """What JSON looks like that this site writes and reads."""
    return HttpResponse(SCHEMA.read_bytes(), content_type="application/schema+json")


@require_safe
def topic_list(request: HttpRequest) -> HttpResponse:
    topics = Topic.objects.published().counted()
    context = {"fields": topics_by_field(topics), "difficulties": Difficulty.values}
    return render(request, "questions/topic_list.html", context)


class Field(TypedDict):
    """A field of work with its topics; the name is that of its category."""

    name: str
    topics: list[Topic]


def topics_by_field(topics: list[Topic]) -> list[Field]:
    """The fields that have topics, in their order; topics of no role come last."""
    categories = Topic.objects.fields()
    fields: list[Field] = []
    for category in Category.objects.published():
        in_field = [topic for topic in topics if categories.get(topic.pk) == category.pk]
        fields.append({"name": category.name, "topics": in_field})
    others = [topic for topic in topics if topic.pk not in categories]
    fields.append({"name": gettext("Other"), "topics": others})
    return [field for field in fields if field["topics"]]


@require_safe
@reads("page")
def topic_detail(request: HttpRequest, slug: str) -> HttpResponse:
    topic = Topic.objects.published().filter(slug=slug).first()
    if topic is None:
        return moved_or_gone(request, Topic, slug)
    number = part_number(request.GET.get("page", ""))
    address = part_address(topic.get_absolute_url(), number, "page")
    if number == 1 and request.GET:
        return redirect(address, permanent=True)
    context = {"topic": topic, "page": topic.listing.page(number), "address": address}
    response = render(request, "questions/topic_detail.html", context)
    response.headers["Content-Location"] = address  # where the page cache keeps it
    return response


@require_safe
@reads("difficulty", "page", "q", "role", "topic")
def search(request: HttpRequest) -> HttpResponse:
    """Only the bare page is kept by the page cache: of searches there are too many."""
    asked = Search(request.GET)
    context = {
        "search": asked,
        "is_indexed": not request.GET,
        "examples": [] if asked.chosen else examples(),
        "difficulties": Difficulty.values,
    }
    status = 200 if asked.form.is_valid() else 400
    return render(request, "questions/search.html", context, status=status)


@require_safe
@never_cache
@reads("q")
def suggestions(request: HttpRequest) -> HttpResponse:
    """A part of a page: what the script of the search field shows under it."""
    asked = Suggestions(request.GET)
    if not asked.query:
        return HttpResponse(status=400)
    return render(request, "questions/_suggestions.html", {"search": asked})


def moved_or_gone(request: HttpRequest, model: type[Question | Role | Topic], slug: str) -> HttpResponse:
    """The answer where nothing published has this slug: moved (301), gone (410), or Http404.

    What was never public is 404, whatever its status and its addresses are.
    """
    former = FormerSlug.objects.filter(kind=model.kind, slug=slug).first()
    target = model.objects.filter(uid=former.target).first() if former else None
    # A topic has no status: it redirects, and its page is 404 where it has nothing to show.
    if target and target.was_public and getattr(target, "status", None) not in {Status.DRAFT, Status.REVIEW}:
        query = request.META["QUERY_STRING"]
        return redirect(target.get_absolute_url() + (f"?{query}" if query else ""), permanent=True)
    retired = model.objects.gone().filter(slug=slug).first() if issubclass(model, PublicDocument) else None
    if retired is None:
        raise Http404
    successor = retired.successor_now() if isinstance(retired, Question) else None
    return render(request, "410.html", {"retired": retired, "successor": successor}, status=410)
