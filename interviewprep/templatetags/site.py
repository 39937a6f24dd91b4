"""What templates need to know of the site as a whole."""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha384

from django import template
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.templatetags.static import static
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from questions.markdown import plain
from questions.parts import part_address
from questions.structured_data import absolute, breadcrumbs, question_and_answer

register = template.Library()

# What could end the script element or begin another; the same as Django's json_script.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


register.filter(absolute)


@register.filter
def grouped(number):
    """A number as people write it: 12,345."""
    return number_format(number, force_grouping=True)


@register.simple_tag(takes_context=True)
def page_address(context, number):
    """The address of the part `number` of the list that the page shows; its other parameters stay."""
    request = context.request
    query = {name: values for name, values in request.GET.lists() if name != "page"}
    return part_address(escape_uri_path(request.path), number, "page", **query)


@register.filter
def span(page):
    """Which rows of how many the part `page` of a list has."""
    numbers = {"first": page.start_index(), "last": page.end_index(), "n": page.paginator.count}
    grouped_numbers = {name: grouped(number) for name, number in numbers.items()}
    return gettext("%(first)s to %(last)s of %(n)s") % grouped_numbers


@register.filter
def next_length(page):
    """How many rows the part after `page` has."""
    return min(page.paginator.per_page, page.paginator.count - page.end_index())


@register.simple_tag
def absolute_static(name):
    """The static file `name` at the one public address."""
    return absolute(static(name))


@register.simple_tag
def integrity(name):
    """The attribute by which a browser refuses the script `name` if it was changed on its way."""
    digest = digest_of(name)
    return format_html('integrity="sha384-{}"', digest) if digest else ""


@cache
def digest_of(name):
    """The digest of a static file as it was collected; empty in development, where files are not."""
    if not isinstance(staticfiles_storage, ManifestFilesMixin):
        return ""
    with staticfiles_storage.open(staticfiles_storage.stored_name(name)) as file:
        return b64encode(sha384(file.read()).digest()).decode()


@register.inclusion_tag("_crumbs.html")
def crumbs(*names_and_paths):
    """The way to this page: name, path, name, path, …, and last the page's own name."""
    *pairs, here = names_and_paths
    return _crumbs(list(zip(pairs[::2], pairs[1::2], strict=True)), here)


@register.inclusion_tag("_crumbs.html")
def question_crumbs(question, place):
    """The way to a question: through the role or topic of its `place`, or from the list of roles."""
    start = (gettext("Topics"), reverse("topics")) if place and not place.in_role else None
    start = start or (gettext("Roles"), reverse("home"))
    return _crumbs([start, *(place.way if place else [])], plain(question.text))


def _crumbs(way, here):
    """`way` as readers see it and, as data with the page's own name, for search engines."""
    pages = [{"name": name, "path": path} for name, path in way]
    return {"crumbs": pages, "data": data_block(breadcrumbs(pages, here))}


@register.simple_tag
def marks_of(question, place):
    """What the page of `question` asks for of a reader's marks: those of the list of its `place`, too."""
    return urlencode({"question": question.slug} | (place.query if place else {}))


@register.simple_tag
def question_data(question):
    """A question with its answer, as data for search engines."""
    return data_block(question_and_answer(question))


def data_block(data):
    """`data` as a block that is never run, so that the policy on scripts does not concern it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))
