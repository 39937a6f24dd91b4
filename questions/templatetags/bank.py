"""How the bank's facts are drawn."""

from django import template

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
