"""How a learner's cards are drawn, and numbers and dates said."""

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import ngettext

from questions.templatetags.bank import small_split

from .. import numbers
from ..models import Mark, Rating

register = template.Library()

PARTS = {Mark.NOT_YET: "M0 0h6v4H0z", Mark.SHAKY: "M7 0h6v4H7z", Mark.KNEW_IT: "M14 0h6v4h-6z"}
THIN = {Mark.NOT_YET: "", Mark.SHAKY: "M7 1.5h6v1H7z", Mark.KNEW_IT: "M14 1.5h6v1h-6z"}
HEIGHTS = {Mark.NOT_YET: 1.5, Mark.SHAKY: 3.5, Mark.KNEW_IT: 6}
RULER = {Rating.AGAIN: 7, Rating.HARD: 11, Rating.GOOD: 15, Rating.EASY: 15}  # the heights of strokes
WIDEST, PITCH = 192, 16

register.filter(numbers.spelt)
register.filter("cards", numbers.cards)
register.filter("minutes", numbers.minutes)
register.filter(numbers.knowledge)


@register.simple_tag
def options(documents, chosen):
    """The options of a select. Not a template: a bank has hundreds of topics."""
    rows = (
        (each.slug, mark_safe(" selected") if each.slug == chosen else "", each.name) for each in documents
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@register.simple_tag
def coming(calendar, moment):
    return calendar.coming(moment)


@register.simple_tag
def due_since(calendar, moment):
    return calendar.since(moment)


@register.simple_tag
def ago(calendar, moment):
    return calendar.ago(moment)


@register.simple_tag
def mark(of):
    """One to three parts of a short rule, and the same as a word."""
    of = Mark(of)
    path = "".join(PARTS[each] if each <= of else THIN[each] for each in Mark)
    return format_html(
        '<span><svg class="mark" viewBox="0 0 20 4" aria-hidden="true"><path d="{}" /></svg>'
        '<span class="hidden-visually">{}</span></span>',
        path,
        of.label,
    )


@register.simple_tag
def session_ruler(session):
    """A stroke for each card: those before by how they were rated, this one the tallest."""
    pitch = min(PITCH, WIDEST / session.total)
    waiting = [5] * (session.total - session.number)
    heights = [*(RULER[rating] for rating in session.ratings), 18, *waiting]
    strokes = []
    for index, height in enumerate(heights):
        width = f"{min(3 if height > 5 else 1.5, pitch / 2):g}"
        strokes.append((f"{index * pitch:g}", 18 - height, width, height, width))
    return format_html(
        '<svg class="ruler" width="{0}" height="18" viewBox="0 0 {0} 18" aria-hidden="true">{1}</svg>',
        f"{pitch * session.total:g}",
        format_html_join("", '<path d="M{} {}h{}v{}h-{}z" />', strokes),
    )


@register.simple_tag
def entry_to_practise(role):
    """A role in a list of contents, with a ruler of what is marked of it; the link starts a session."""
    marked = role.marks.total()
    number = role.question_count
    count = ngettext("%(n)s question", "%(n)s questions", number) % {"n": number}
    of_them = ngettext("%(n)s of them marked", "%(n)s of them marked", marked) % {"n": marked}
    return format_html(
        '<a class="entry" rel="nofollow" href="{}?role={}"><span class="name">{}</span> '
        '<span class="leader" aria-hidden="true"></span><span class="rulers">{}{}</span>'
        '<span class="count"><span aria-hidden="true">{}</span>'
        '<span class="hidden-visually">{}, {}</span></span></a>',
        reverse("practice_start"),
        role.slug,
        role.name,
        small_split(role),
        marks_ruler(role),
        number,
        count,
        of_them,
    )


def marks_ruler(role):
    """As long as the ruler of its difficulties: the best known first, and the higher the better known."""
    pitch = min(3, 90 / max(role.question_count, 1))
    path, x = "", 0.0
    for each in reversed(Mark):
        width = pitch * role.marks[each]
        path += f"M{x:g} 0h{width:g}v{HEIGHTS[each]}h-{width:g}z" if width else ""
        x += width
    if not path:
        return ""
    return format_html(
        '<svg class="marks" viewBox="0 0 {} 6" preserveAspectRatio="xMinYMin" aria-hidden="true">'
        '<path d="{}" /></svg>',
        f"{pitch * role.question_count:g}",
        path,
    )
