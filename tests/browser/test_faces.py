"""The letters are those of the fonts that the site brings along, in each weight and style."""

import pytest

from .conftest import PAGES


@pytest.mark.parametrize(
    ("selector", "family"),
    [
        ("h1", "Literata"),
        (".question h3 a", "Literata"),
        (".prose p", "Literata"),
        (".subtitle", "Literata"),
        (".site-nav a", "Instrument Sans"),
    ],
)
def test_text_is_set_in_its_face(page, at, selector, family):
    page.goto(at(PAGES["role"]))
    page.evaluate("document.fonts.ready")
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    node = devtools.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    fonts = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert {(font["familyName"].startswith(family), font["isCustomFont"]) for font in fonts} == {(True, True)}
