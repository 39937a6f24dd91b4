import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.markdown import MAX_LENGTH, render


def test_tables_code_and_formulas_need_no_inline_style():
    html = render(
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n"
        "```python\ndef f():  # five\n    return 5\n```\n\n"
        "```math\n\\frac{a}{b}\n```"
    )
    assert '<td class="align-right">2</td>' in html
    assert '<span class="k">def</span>' in html
    assert "<mfrac>" in html
    assert "style=" not in html


def test_image_becomes_a_link_with_its_alt_text():
    assert '<a href="https://a.example/p.png" rel="noopener nofollow">A plot</a>' in render(
        "![A plot](https://a.example/p.png)"
    )


def test_headings_stand_below_those_of_the_page():
    assert "<h3>Why</h3>" in render("# Why")


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>1</script>)",
        '<img src=x onerror="alert(1)">',
        '<a href="https://a.example" style="position:fixed">x</a>',
        "```math\n\\href{javascript:alert(1)}{x}\n```",
        '```"><script>alert(1)</script>\nx\n```',
        '[x](https://a.example "\\" onclick=alert(1)")',
    ],
)
def test_attacks_become_harmless(attack):
    html = render(attack)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html.lower()
    assert 'href="data' not in html.lower()
    assert '<a href="https://a.example" style' not in html


@given(st.text(alphabet="*_`[]()!<>|#-~\\\n \tab$&{}^", max_size=400))
def test_any_text_renders_to_allowed_tags_only(text):
    html = render(text)
    assert "<script" not in html
    assert "onerror=" not in html or "&lt;" in html


@pytest.mark.parametrize("part", ["[", "*", "a**b", "> ", "- ", "`", "![[", "<", "_a*", "[a](", "&#x", "|a"])
def test_pathological_texts_end(part):
    # The field refuses longer texts; pytest would hang here if one of these were not linear enough.
    assert render((part * MAX_LENGTH)[:MAX_LENGTH]) is not None


def test_wrong_formula_is_shown_as_its_source():
    assert "\\frac{" in render("```math\n\\frac{\n```")
