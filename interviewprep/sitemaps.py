"""Every public page at the one public address, for search engines: an index, and parts of bounded size.

The parts of a long list are found from its first one, and their questions are here themselves.
"""

from django.conf import settings
from django.db.models import DateTimeField, F, Value
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe

from questions.models import Question, Role, Topic

PART = 1000  # ids of rows in a part, so that a row which comes or goes moves no other to another part
PAGES = "pages"  # the part of what is in no table

# The model of each section, and what tells when the page of a row has last changed.
SECTIONS = {
    "roles": (Role, F("updated")),
    "topics": (Topic, Value(None, DateTimeField())),
    "questions": (Question, F("updated")),
}


@require_safe
def index(request):
    """The addresses of the parts that hold any."""
    parts = [(PAGES, 0)]
    for section, (model, _changed) in SECTIONS.items():
        numbers = model.objects.published().order_by().values_list(F("pk") / PART, flat=True)
        parts += [(section, number) for number in sorted(numbers.distinct())]
    return _xml("sitemapindex", "sitemap", ((reverse("sitemap", args=part), None) for part in parts))


@require_safe
def part(request, section, number):
    """The addresses of one part, each with the time of its last change."""
    if (section, number) == (PAGES, 0):
        return _xml("urlset", "url", ((reverse(name), None) for name in ("home", "topics", "about")))
    if section not in SECTIONS:
        raise Http404
    model, changed = SECTIONS[section]
    rows = model.objects.published().filter(pk__gte=number * PART, pk__lt=(number + 1) * PART)
    found = rows.values_list("pk", "slug").annotate(changed=changed).order_by("pk")
    pages = [(reverse(model.kind, args=[slug]), date) for _pk, slug, date in found]
    if not pages:
        raise Http404
    return _xml("urlset", "url", pages)


def _xml(of_all, of_one, pages):
    # Not a template: it would take three times as long for 1,000 addresses.
    entries = [
        f"<{of_one}><loc>{escape(settings.SITE_URL + path)}</loc>"
        + (f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else "")
        + f"</{of_one}>\n"
        for path, changed in pages
    ]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{of_all} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{"".join(entries)}</{of_all}>\n'
    )
    return HttpResponse(text, content_type="application/xml; charset=utf-8")
