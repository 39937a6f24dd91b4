"""How the bank's facts are drawn."""

from functools import lru_cache

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import ngettext

from .. import markdown
from ..models import Difficulty
from ..old_pages import version_address

register = template.Library()

STROKE_HEIGHTS = {"easy": 0.4, "medium": 0.7, "hard": 1}  # as parts of the whole


@register.inclusion_tag("questions/_difficulty.html")
def difficulty(value):
    """The mark and the name of a difficulty."""
    return {"value": value, "label": Difficulty(value).label if value else ""}


@register.simple_tag
def large_split(counted):
    """How a role divides into difficulties, for the head of its page."""
    return drawing(*counted.counts, css="split-bar", pitch=12, stroke=6, height=32, widest=330)


@register.simple_tag
def small_split(counted):
    """The same for a line of a list of roles or topics."""
    return small_drawing(*counted.counts)


@register.simple_tag
def entry(counted):
    """A role or topic in a list of contents: its name, a leader to its ruler, and how many questions it has.

    Not a template: home shows 500 of them, and each would take as long as five of these.
    """
    counts = counted.counts
    count = sum(counts)
    return format_html(
        '<a class="entry" href="{}"><span class="name">{}</span> '
        '<span class="leader" aria-hidden="true"></span>'
        '{}<span class="count">{} <span class="hidden-visually">{}</span></span></a>',
        counted.get_absolute_url(),
        counted.name,
        small_drawing(*counts),
        number_format(count, force_grouping=True),
        ngettext("question", "questions", count),
    )


@lru_cache(1000)  # many of 500 roles are divided like others
def small_drawing(*counts):
    return drawing(*counts, css="split-mini", pitch=3, stroke=2, height=14, widest=90)


def drawing(*counts, css, pitch, stroke, height, widest):
    """An SVG with one stroke a question: a dashed line a difficulty, as thick as its strokes are high.

    All is in px. Strokes are `pitch` apart; a role that would be wider than `widest` has them closer.
    """
    pitch = min(pitch, widest / max(sum(counts), 1))
    stroke = min(stroke, pitch * 0.75)
    lines, x = [], 0.0
    for (difficulty, part), count in zip(STROKE_HEIGHTS.items(), counts, strict=True):
        if count:
            thickness = round(height * part)
            path = f"M{_px(x)} {_px(height - thickness / 2)}h{_px(pitch * count)}"
            lines.append((difficulty, thickness, _px(stroke), _px(pitch - stroke), path))
        x += pitch * count
    paths = format_html_join(
        "", '<path class="{}" stroke-width="{}" stroke-dasharray="{} {}" d="{}" />', lines
    )
    return format_html(
        '<svg class="{}" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' preserveAspectRatio="xMinYMax" aria-hidden="true">{}</svg>',
        css,
        paths,
        width=_px(x),
        height=height,
    )


def _px(value):
    return f"{round(value, 2):g}"


@register.simple_tag
def version_page(change):
    """The signed link that shows a document after `change` as a page; empty where there is none."""
    return version_address(change)


@register.filter
@stringfilter
def inline(line):
    """A title, a key point or another single line, with its code marked as code."""
    return markdown.inline(line)


@register.filter
@stringfilter
def title_line(line):
    """`inline()`, and no short compound such as “fine-tuning” is broken at its hyphen."""
    return markdown.unbroken(markdown.inline(line))


@register.filter
@stringfilter
def plain(line):
    """The same line for where HTML is not allowed."""
    return markdown.plain(line)
