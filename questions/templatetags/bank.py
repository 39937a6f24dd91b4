"""How the bank's facts are drawn."""

import json
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.defaultfilters import stringfilter
from django.template.loader import render_to_string

from .. import markdown
from ..models import Question

register = template.Library()

_STEPS = {"easy": 0.4, "medium": 0.7, "hard": 1}  # height of a stroke, as part of the whole


@register.simple_tag
def strokes(split, *, pitch, stroke, height, widest):
    """One stroke a question, as one dashed line a difficulty, as thick as its strokes are high.

    Gives `{"width", "dashes", "lines": [{"difficulty", "tall", "path"}, …]}` of an SVG, in px.
    Strokes stand `pitch` apart; a role so long that it would pass `widest` has them closer.
    """
    total = sum(count for _difficulty, _label, count in split)
    pitch = min(pitch, widest / max(total, 1))
    stroke = min(stroke, pitch * 0.75)
    lines, x = [], 0.0
    for difficulty, _label, count in split:
        if count:
            tall = round(height * _STEPS[difficulty])
            path = f"M{_px(x)} {_px(height - tall / 2)}h{_px(pitch * count)}"
            lines.append({"difficulty": difficulty, "tall": tall, "path": path})
        x += pitch * count
    return {"width": _px(x), "dashes": f"{_px(stroke)} {_px(pitch - stroke)}", "lines": lines}


def _px(value):
    return f"{round(value, 2):g}"


@register.simple_tag
def question_item(facts, row, role, hidden):
    """A question as `_question.html` shows it in the page of `role`; facts and row are the filter's.

    Kept in memory, so that a role's page made anew after a save renders only what the save has changed.
    """
    topics = [{"slug": topic.slug, "name": topic.name} for topic in row.topics]
    render = _item.__wrapped__ if settings.DEBUG else _item
    return render(json.dumps([facts, topics, row.number, role.slug, hidden]))


@lru_cache(maxsize=500)  # some 5 MB
def _item(shown):
    # The template is given nothing but the key, so what is kept cannot be out of date.
    facts, topics, number, role, hidden = json.loads(shown)
    context = {"question": Question(**facts), "topics": topics, "number": number, "hidden": hidden}
    return render_to_string("questions/_question.html", context | {"role": {"slug": role}})


@register.filter
@stringfilter
def inline(line):
    """A title, a key point or another single line, with its code marked as code."""
    return markdown.inline(line)


@register.filter
@stringfilter
def plain(line):
    """The same line where no HTML can stand."""
    return markdown.plain(line)


@register.filter
def summary(text, length):
    """The first sentences of Markdown as one line, for a description."""
    return markdown.summary(text, length)
