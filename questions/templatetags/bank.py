"""How the bank's facts are drawn."""

from django import template

register = template.Library()

_STEPS = {"easy": 0.4, "medium": 0.7, "hard": 1}  # height of a stroke, as part of the whole


@register.simple_tag
def strokes(split, *, pitch, stroke, height, widest):
    """One stroke a question: `{"width": …, "paths": [(difficulty, path data), …]}` of an SVG, in px.

    Strokes stand `pitch` apart; a role so long that it would pass `widest` has them closer.
    """
    total = sum(count for _difficulty, _label, count in split)
    pitch = min(pitch, widest / max(total, 1))
    paths, x = [], 0.0
    for difficulty, _label, count in split:
        tall = round(height * _STEPS[difficulty])
        bar = f"v{-tall}h{_px(min(stroke, pitch * 0.75))}v{tall}z"
        data = "".join(f"M{_px(x + pitch * number)} {height}{bar}" for number in range(count))
        paths.append((difficulty, data))
        x += pitch * count
    return {"width": _px(x), "height": height, "paths": paths}


def _px(value):
    return f"{round(value, 2):g}"
