"""The colours, computed from the tokens: 7:1 for what is read, 4.5:1 for code and faint entries."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text()
PAIRS = dict(re.findall(r"--([\w-]+): light-dark\((#\w+, #\w+)\);", TOKENS.split("prefers-contrast")[0]))


def colour(name, theme):
    return PAIRS[name].split(", ")[theme == "dark"]


def luminance(hexadecimal):
    parts = [int(hexadecimal[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "surface", "least"),
    [
        *((text, "paper", 7) for text in ("ink", "ink-quiet", "accent", "easy", "medium", "hard")),
        ("on-accent", "accent", 7),
        ("on-endpaper", "endpaper", 7),
        *((text, "wash", 4.5) for text in ("ink", "ink-quiet", "accent", "medium", "hard")),
        ("ink-faint", "paper", 4.5),
        ("edge", "paper", 3),
    ],
)
def test_text_stands_out_from_its_surface(text, surface, least, theme):
    assert contrast(colour(text, theme), colour(surface, theme)) >= least
