"""Pages that join the apps, and those that are about the site itself."""

import sys

from django.conf import settings
from django.db import DataError, Error, IntegrityError, ProgrammingError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from practice.identity import wants_json
from questions.filters import QuestionFilter
from questions.models import SHARING, Category, Difficulty, Question, Role
from questions.parameters import reads
from questions.parts import part_address
from questions.views import moved_or_gone

NEWS = 5  # questions on the home page
MANY_ROLES = 40  # more than these, and the home page has a field to find one by its name


@require_safe
def home(request):
    categories = list(Category.objects.published().with_roles())
    role_count = sum(len(category.published_roles) for category in categories)
    context = {
        "categories": categories,
        "difficulties": Difficulty.values,
        "role_count": role_count,
        "has_many_roles": role_count > MANY_ROLES,
        "question_count": Question.objects.published().count(),
        "sample": Question.objects.published().sample(),
        "news": news(),
    }
    return render(request, "home.html", context)


def news():
    """The questions that changed last; none while all have one date, as after the first load."""
    newest = list(Question.objects.published().newest().with_roles()[:NEWS])
    dates = {timezone.localdate(question.updated) for question in newest}
    return newest if len(dates) > 1 else []


@require_safe
@reads("answers", "difficulty", "part", "q", "topic")
def role_detail(request, slug):
    role = Role.objects.published().with_facts().select_related("category").filter(slug=slug).first()
    if role is None:
        return moved_or_gone(request, Role, slug)
    filterset = QuestionFilter(request.GET, queryset=role.placements.published(), request=request)
    page, whole = filterset.page, role.get_absolute_url()
    address = part_address(whole, page.number, **filterset.chosen)
    # A part that is not there any more: the list is, and a link to a question in it still leads there.
    if "part" in request.GET and (page.number == 1 or request.GET["part"] != str(page.number)):
        return redirect(part_address(whole, 1, **filterset.chosen))
    context = {
        "role": role,
        "filterset": filterset,
        "parts": filterset.parts,
        # The path and the tips are on the first part, where readers begin and where their addresses lead.
        "here": filterset.here,
        "canonical": whole if filterset.is_filtered else part_address(whole, page.number),
        "is_indexed": not {"answers", "q"} & filterset.chosen.keys(),
        "hidden": "answers" in filterset.chosen,
        "total": len(filterset.placements),
        "steps": role.steps.all(),
        "tips": role.tips.all(),
        "near": near_roles(role),
    }
    status = 200 if filterset.is_valid() else 400
    response = render(request, "questions/role_detail.html", context, status=status)
    response.headers["HX-Push-Url"] = address  # htmx keeps the address normal
    # Of words and of sets of topics there are too many to keep a page for each.
    if "q" not in filterset.chosen and len(filterset.chosen.get("topic", [])) < 2:
        response.headers["Content-Location"] = address  # where the page cache keeps it
    return response


def near_roles(role):
    """Where to go on from the page of `role`: roles of its field, and others that share most with it."""
    near = Role.objects.near(role)
    same_field = [other for other in near if other.category_id == role.category_id]
    sharing = sorted((other for other in near if other.shared), key=lambda other: -other.shared)
    return {"same_field": same_field, "sharing": sharing[:SHARING]}


@require_safe
def about(request):
    return render(request, "about.html")


@require_safe
def manifest(request):
    """What a phone needs to put the site among its apps."""
    icons = [
        {"src": static(f"img/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    data = {
        "name": gettext("Interview Prep"),
        "short_name": gettext("Interview Prep"),
        "start_url": "/",
        "display": "minimal-ui",
        "background_color": "#fbf9f4",
        "theme_color": "#0a574d",
        "icons": icons,
    }
    return JsonResponse(data, content_type="application/manifest+json")


@require_safe
def robots(request):
    closed = "".join(f"Disallow: {path}\n" for path in ("/admin/", "/practice/", "/report/"))
    text = f"User-agent: *\n{closed}Allow: /\n\nSitemap: {settings.SITE_URL}/sitemap.xml\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


class Favicon(RedirectView):
    """Browsers ask here, whatever the page says."""

    def get_redirect_url(self):
        return static("img/favicon.svg")


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def server_error(request):
    """The page of an exception: of ours, or of a database that cannot be used at the moment."""
    error = sys.exception()
    if not isinstance(error, Error) or isinstance(error, DataError | IntegrityError | ProgrammingError):
        return render(request, "500.html", status=500)
    is_full = is_disk_full(error.__cause__)
    response = render(request, "507.html" if is_full else "503.html", status=507 if is_full else 503)
    response.headers["Retry-After"] = "10"
    return response


def is_disk_full(error):
    """Whether the database's own `error`, SQLite's or PostgreSQL's, is that its disk is full."""
    codes = getattr(error, "sqlite_errorname", None), getattr(error, "sqlstate", None)
    return "SQLITE_FULL" in codes or "53100" in codes


def csrf_failure(request, reason=""):
    if wants_json(request):
        error = gettext("This page was open for long, or cookies are off. Load it again, and try once more.")
        return JsonResponse({"error": error}, status=403)
    return render(request, "403_csrf.html", status=403)
