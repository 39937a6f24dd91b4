import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name

from questions.markdown import MAX_LENGTH, inline, lost, plain, render, summary, with_absolute_links
from questions.markdown.html import LANGUAGES, sanitised

pytestmark = pytest.mark.once


def test_tables_code_and_formulas_need_no_inline_style():
    html = render(
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\n"
        "```python\ndef f():  # five\n    return 5\n```\n\n"
        "```math\n\\frac{a}{b}\n```"
    )
    assert '<td class="align-right" dir="auto">2</td>' in html
    assert '<span class="k">def</span>' in html
    assert "<mfrac>" in html
    assert "style=" not in html


def test_each_language_known_here_has_a_lexer():
    assert all(get_lexer_by_name(language) for language in LANGUAGES)


def test_image_becomes_a_link_with_its_alt_text():
    assert '<a href="https://a.example/p.png" rel="noopener nofollow">A plot</a>' in render(
        "![A plot](https://a.example/p.png)"
    )


def test_headings_stand_below_those_of_the_page():
    assert '<h3 dir="auto">Why</h3>' in render("# Why")


def test_answer_that_begins_with_indented_code_stays_code():
    assert render("\n    x = 1\n").startswith('<pre class="code" dir="ltr"><code>x = 1')


# Formulas


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("so $x^2$ grows", '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'),
        ("so ($n$), that is", '<math display="inline"><mrow><mi>n</mi></mrow></math>'),
        ("これは$n$です", '<math display="inline"><mrow><mi>n</mi></mrow></math>'),
        ("so $$n$$ here", '<span class="formula"><math display="block">'),
        ("$$n$$", '<div class="formula"><math display="block">'),
        ("Then\n$$\nn\n$$\nand", '<div class="formula"><math display="block">'),
        ("- a\n\n  $$\n  n\n  $$", '<div class="formula"><math display="block">'),
        ("```math\nn\n```", '<div class="formula"><math display="block">'),
        ("$a<b$", "<mo>&lt;</mo>"),
        (r"$x \text{ if } y$", "<mtext>"),
    ],
)
def test_formula_becomes_mathml(text, formula):
    assert formula in render(text)
    assert lost(text) == []


def mathml(latex):
    """What is in the outermost row of a formula."""
    html = render(f"${latex}$")
    return html.split('<math display="inline"><mrow>')[1].split("</mrow></math>")[0]


SMALL, TALL = '<mo stretchy="false">', '<mo stretchy="true">'
HALF = "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
THIN = '<mspace width="0.167em"></mspace>'


def pair(fence, inside, brackets="()"):
    return f"<mrow>{fence}{brackets[0]}</mo>{inside}{fence}{brackets[1]}</mo></mrow>"


@pytest.mark.parametrize(
    ("latex", "name"),
    [
        (r"\text{CE}", "<mtext>CE</mtext>"),
        (r"\operatorname{Var}", "<mi>Var</mi>"),
        (r"\max", "<mi>max</mi>"),
        (r"\log", "<mi>log</mi>"),
        (r"\mathrm{KL}", '<mrow><mi mathvariant="normal">KL</mi></mrow>'),
        (r"\mathrm{h}", '<mi mathvariant="normal">h</mi>'),
        ("h", "<mi>h</mi>"),
    ],
)
def test_names_in_formulas_are_words_and_upright(latex, name):
    assert mathml(latex) == name


@pytest.mark.parametrize(
    ("latex", "set_apart"),
    [
        (r"x \log y", f"<mi>x</mi>{THIN}<mi>log</mi>{THIN}<mi>y</mi>"),
        (r"-\log(x)", f"<mo>−</mo><mi>log</mi>{pair(SMALL, '<mi>x</mi>')}"),
        (r"\operatorname{Var}(X)", f"<mi>Var</mi>{pair(SMALL, '<mi>X</mi>')}"),
    ],
)
def test_names_of_functions_are_set_apart_as_printers_do(latex, set_apart):
    assert mathml(latex) == set_apart


@pytest.mark.parametrize(
    ("latex", "grouped"),
    [
        ("(x)", pair(SMALL, "<mi>x</mi>")),
        ("(x^2)", pair(SMALL, "<msup><mi>x</mi><mn>2</mn></msup>")),
        (r"(\frac12)", pair(TALL, HALF)),
        (r"\{\frac12\}", pair(TALL, HALF, "{}")),
        (r"|\frac12|", pair(TALL, HALF, "||")),
        (r"[\frac12)", pair(TALL, HALF, "[)")),
        (r"(\sqrt{x})", pair(TALL, "<msqrt><mrow><mi>x</mi></mrow></msqrt>")),
        (r"(x)(\frac12)", pair(SMALL, "<mi>x</mi>") + pair(TALL, HALF)),
        (r"([x]\frac12)", pair(TALL, pair(SMALL, "<mi>x</mi>", "[]") + HALF)),
        ("(x)^2", f"<mrow>{SMALL}(</mo><mi>x</mi><msup>{SMALL})</mo><mn>2</mn></msup></mrow>"),
        (r"(\frac12)^2", f"<msup>{pair(TALL, HALF)}<mn>2</mn></msup>"),
        (r"((\frac12)^2)", pair(TALL, f"<msup>{pair(TALL, HALF)}<mn>2</mn></msup>")),
        ("(a|b)", pair(SMALL, f"<mi>a</mi>{SMALL}|</mo><mi>b</mi>")),
        ("(a", f"{SMALL}(</mo><mi>a</mi>"),
        ("a)", f"<mi>a</mi>{SMALL})</mo>"),
    ],
)
def test_brackets_are_as_tall_as_what_they_hold(latex, grouped):
    assert mathml(latex) == grouped


@pytest.mark.parametrize(
    ("latex", "accent"), [(r"\hat{x}", "ˆ"), (r"\tilde{x}", "˜"), (r"\overline{x}", "‾")]
)
def test_accents_are_those_that_a_maths_font_draws(latex, accent):
    assert f">{accent}</mo></mover>" in mathml(latex)


def test_signs_in_scripts_and_slashes_stand_close():
    close = '<mo lspace="0em" rspace="0em">'
    assert f"{close}−</mo><mi>α</mi>{close}/</mo>" in mathml(r"z_{1-\alpha/2}")
    assert mathml("a-b/c") == f"<mi>a</mi><mo>−</mo><mi>b</mi>{close}/</mo><mi>c</mi>"
    assert sanitised('<math><mo lspace="-9em">x</mo></math>') == "<math><mo>x</mo></math>"


def test_brackets_said_to_grow_still_do():
    html = mathml(r"\left(x\right)")
    assert html.count('stretchy="true"') == 2
    assert "<mi>x</mi>" in html


def test_attention_is_a_name_applied_to_tall_brackets():
    html = mathml(r"\text{Attention}(Q,K,V)=\mathrm{softmax}(\frac{QK^T}{\sqrt{d_k}})V")
    assert html.startswith(f"<mtext>Attention</mtext><mrow>{SMALL}(</mo><mi>Q</mi>")
    assert f'<mi mathvariant="normal">softmax</mi></mrow><mrow>{TALL}(</mo><mfrac>' in html
    assert html.endswith(f"</mfrac>{TALL})</mo></mrow><mi>V</mi>")


def test_stored_html_has_no_tab_stop():
    html = render("```python\nx\n```\n\n|a|\n|-|\n|b|\n\n$$x$$\n\nso $$y$$")
    assert [f'class="{name}"' in html for name in ("code", "scroll", "formula")] == [True] * 3
    assert "tabindex" not in html
    assert "tabindex" not in sanitised('<div class="scroll" tabindex="0">x</div>')


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10",
        "between $5–$10, or US$20",
        "from $5/month to $10/month",
        "$HOME:$PATH and $USER",
        r"a price \$5 for \$x\$",
        "5$ or 10$",
        "`$x$`",
        "$ x $",
        "$$ alone",
        "$$\nnot closed",
    ],
)
def test_prices_and_variables_stay_text(text):
    assert "<math" not in render(text)
    assert lost(text) == []


@pytest.mark.parametrize("latex", [r"\frac{", r"\frac{a}", r"\nosuchcommand", "x_{1", "a}", "x^"])
def test_wrong_formula_is_shown_as_its_source_and_told(latex):
    assert f"<code>{latex}\n</code>" in render(f"```math\n{latex}\n```")
    assert f'<code dir="ltr">${latex}$</code>' in render(f"so ${latex}$")
    assert lost(f"so\n\n${latex}$") == [(3, f"a formula that cannot be shown: {latex}")]


def test_words_in_a_formula_are_no_tags():
    assert "<a" not in render(r'$\text{<a href="https://a.example">x</a>}$')
    assert "<a" not in render(r'$\text{&lt;a href="https://a.example"&gt;x}$')


# Footnotes


def test_footnote_and_its_reference_lead_to_each_other():
    html = render("Text.[^n] More.[^n]\n\n[^n]: A *note*.")
    digest = html.split('href="#fn-')[1].split("-")[0]
    assert f'<sup><a href="#fn-{digest}-1" id="fnref-{digest}-1" role="doc-noteref"' in html
    assert f'id="fnref-{digest}-1-2"' in html
    assert f'<li id="fn-{digest}-1" dir="auto"><p>A <em>note</em>.' in html
    assert f'<a href="#fnref-{digest}-1" role="doc-backlink" aria-label="Back to note 1 in the text">' in html
    assert f'href="#fnref-{digest}-1-2"' in html
    assert html.count("<section") == 0


def test_footnotes_of_two_texts_can_share_a_page():
    one, other = render("One.[^1]\n\n[^1]: A note."), render("Other.[^1]\n\n[^1]: A note.")
    ids = [part.split('"')[0] for part in (one + other).split('id="')[1:]]
    assert len(ids) == len(set(ids)) == 4


def test_no_id_but_those_of_footnotes_survives():
    assert "<p id" not in render('<p id="main">x</p>')
    assert 'id="main"' not in sanitised('<a id="main" class="x" rel="me" href="/">x</a><li id="fn-1">y</li>')
    assert sanitised('<li id="fn-0123abcd-1">y</li>') == '<li id="fn-0123abcd-1">y</li>'


def test_footnotes_without_a_note_or_a_reference_are_reported():
    assert "[^a]" in render("Text[^a]")
    text = "Text[^a] and[^c]\n\n[^b]: Unused.\n\n[^c]: One.\n\n[^c]: Two."
    assert lost(text) == [
        (1, "a footnote without its note: [^a]"),
        (3, "a footnote that nothing refers to: [^b]"),
        (5, "a footnote given more than once: [^c]"),
        (7, "a footnote given more than once: [^c]"),
    ]


# Typography


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\"It's 'so'\", she said", "“It’s ‘so’”, she said"),
        ('"*so*"', "“<em>so</em>”"),
        ('("`x`")', '(“<code dir="ltr">x</code>”)'),
        ("a -- b, 1--5, then---no", "a – b, 1–5, then—no"),
        ("and so on...", "and so on…"),
        ('"quoted" and "half', "“quoted” and &quot;half"),
    ],
)
def test_typography(typed, shown):
    assert render(typed) == f'<p dir="auto">{shown.replace("&quot;", chr(34))}</p>\n'


@pytest.mark.parametrize(
    "text",
    [
        '`"x" -- y...`',
        '    "x" -- y...',
        "```python\n'x'  # a -- b...\n```",
        "run with --force, *--dry-run*, i-- and ...args or ./...",
        "(c) (r) (tm) +- a,, b ???? ../x",
        "https://a.example/it's--so...x",
        "<https://a.example/it's--so...x>",
        r"\"x\" a \-- b",
    ],
)
def test_typography_leaves_code_options_and_addresses_alone(text):
    assert not set("“”‘’–—…©®™±") & set(render(text))


# Links


@pytest.mark.parametrize(
    ("text", "address", "shown"),
    [
        ("see https://a.example/x_y_z?q=1.", "https://a.example/x_y_z?q=1", "https://a.example/x_y_z?q=1"),
        ("(https://a.example/x)", "https://a.example/x", "https://a.example/x"),
        ("https://a.example/x_(y))", "https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("at www.example.org, too", "https://www.example.org", "www.example.org"),
        ("は https://a.example/x。次", "https://a.example/x", "https://a.example/x"),
        ("**https://a.example/**", "https://a.example/", "https://a.example/"),
    ],
)
def test_bare_address_becomes_a_link(text, address, shown):
    assert f'<a href="{address}" rel="noopener nofollow">{shown}</a>' in render(text)


@pytest.mark.parametrize(
    "text", ["file.py and node.js", "a.example/x", "me@a.example", "`https://a.example`", "www.", "http://"]
)
def test_what_only_looks_like_an_address_is_none(text):
    assert "<a" not in render(text)


def test_address_in_the_words_of_a_link_is_one_link():
    assert render("[https://a.example](https://b.example)").count("<a ") == 1


@pytest.mark.parametrize("address", ["/questions/y/", "../y/", "#x", "?q=x"])
def test_links_of_the_site_itself_are_plain(address):
    assert f'<a href="{address}">x</a>' in render(f"[x]({address})")


@pytest.mark.parametrize("address", ["https://a.example/", "//a.example/", "mailto:a@a.example"])
def test_other_links_lend_no_standing(address):
    assert f'<a href="{address}" rel="noopener nofollow">x</a>' in render(f"[x]({address})")


def test_links_can_be_made_absolute():
    html = render("[x](/questions/y/?a=1&b=2) [z](https://a.example/) [w](#w)")
    absolute = with_absolute_links(html, "https://site.example/questions/x/")
    assert 'href="https://site.example/questions/y/?a=1&amp;b=2"' in absolute
    assert 'href="https://a.example/"' in absolute
    assert 'href="https://site.example/questions/x/#w"' in absolute


# Scripts


@pytest.mark.parametrize(
    "text",
    [
        "これは**「重要」**な点",
        "これは**重要。**次",
        "**`コード`**を使う",
        "이것은**(중요)**한",
        "请看**“重点”**内容",
        "plain **bold** plain",
        "a**b**c",
    ],
)
def test_emphasis_beside_east_asian_punctuation(text):
    assert "<strong>" in render(text)
    assert "*" not in render(text)


@pytest.mark.parametrize("text", ["snake_case_name", "変数_名_だ", "a * b * c", "2*3*4 < 5 ** 6 ** 7"])
def test_marks_within_words_are_left_as_in_commonmark(text):
    assert "<strong>" not in render(text)
    assert text.count("_") == render(text).count("_")


def test_each_block_of_text_finds_its_own_direction_and_code_runs_left_to_right():
    html = render(
        "# سؤال\n\nمرحبا `x == y`\n\n- نعم\n- No\n\n> قول\n\n"
        "| عمود | b |\n|--|--|\n| 1 | 2 |\n\n```text\nx\n```"
    )
    for tag in ("h3", "p", "li", "blockquote", "td"):
        assert f'<{tag} dir="auto">' in html
    assert '<th scope="col" dir="auto">' in html
    assert '<code dir="ltr">x == y</code>' in html
    assert '<pre class="code" dir="ltr">' in html
    assert '<ul dir="rtl">' in html
    assert '<div class="scroll" dir="rtl"><table>' in html


# Nothing is lost in silence


@pytest.mark.parametrize("code", ["`a || b`", r"`a \|\| b`", "``a || b``"])
def test_bars_in_code_end_no_cell_of_a_table(code):
    text = f"| code | word |\n|--|--|\n| {code} | or |\n| x | y |"
    assert '<code dir="ltr">a || b</code></td>\n<td dir="auto">or</td>' in render(text)
    assert lost(text) == []


def test_list_deeper_than_the_limit_is_kept_and_told():
    lines = [f"{'  ' * depth}- level {depth}" for depth in range(20)]
    html = render("\n".join(lines))
    assert all(f"level {depth}\n" in html for depth in range(20))
    assert html.count("<ul>") == 13
    [(line, reason)] = lost("\n".join(lines))
    assert (line, reason) == (13, "nested too deep: shown as it was typed")


def test_quotation_deeper_than_the_limit_is_kept():
    assert "words" in render("> " * 100 + "words")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("x\n\n<b>y</b>", 3, "HTML is shown as text: <b>"),
        ("x\ny <!-- z -->", 2, "HTML is shown as text: <!--"),
        ("```nosuch\nx\n```", 1, "“nosuch” is no language known here"),
        ("|a|b|\n|-|-|\n|1|2|3|", 3, "a row with more cells than the table has columns"),
        ("[x](ftp://a.example)", 1, "a link that leads nowhere: ftp://a.example"),
    ],
)
def test_what_the_page_cannot_keep_is_reported(text, line, reason):
    [(where, why)] = lost(text)
    assert where == line
    assert why.startswith(reason)


@pytest.mark.parametrize(
    "text",
    ["`<b>` and a < b > c", "List<String> and <T>", "```html\n<b>\n```", "```\nx\n```", "x[^1]\n\n[^1]: y"],
)
def test_what_is_kept_is_not_told(text):
    assert lost(text) == []


@pytest.mark.parametrize("codes", [[2_000], [1_999, 1_999]])
def test_code_of_a_usual_length_has_colours(codes):
    text = "\n\n".join(f"```python\n{'x = 1 # '.ljust(length - 1, 'y')}\n```" for length in codes)
    assert render(text).count('class="m"') == len(codes)
    assert lost(text) == []


@pytest.mark.parametrize(("codes", "line"), [([2_001], 1), ([1_500, 1_500, 1_500], 9)])
def test_longer_code_is_kept_without_colours_and_told(codes, line):
    text = "\n\n".join(f"```python\n{'x = 1 # '.ljust(length - 1, 'y')}\n```" for length in codes)
    assert render(text).count('class="m"') == len(codes) - 1
    assert render(text).count("language-python") == len(codes)
    [(where, reason)] = lost(text)
    assert where == line
    assert reason == "colours are for blocks of at most 2000 characters, 4000 in a text, without gaps"


def test_code_with_a_gap_of_hundreds_of_lines_is_kept_without_colours_and_told():
    text = f"```gherkin\nGiven a\n{' ' * 200}\nThen b\n```"
    assert "<span" not in render(text)
    assert len(lost(text)) == 1
    assert "<span" in render(text.replace("  ", ""))


# Lines and descriptions


@pytest.mark.parametrize(
    ("line", "html", "text"),
    [
        ("What does `==` do?", 'What does <code dir="ltr">==</code> do?', "What does == do?"),
        ("`a < b` & c", '<code dir="ltr">a &lt; b</code> &amp; c', "a < b & c"),
        ('"So", it\'s *so*', "“So”, it’s *so*", "“So”, it’s *so*"),
        ("a ` b", "a ` b", "a ` b"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;", "<b>x</b>"),
        ("a\n\nb  c", "a b c", "a b c"),
        ("[x](y) $n$ # 1. - &amp;", "[x](y) $n$ # 1. - &amp;amp;", "[x](y) $n$ # 1. - &amp;"),
        ("", "", ""),
    ],
)
def test_line_marks_code_and_nothing_else(line, html, text):
    assert inline(line) == html
    assert plain(line) == text


@pytest.mark.parametrize(
    ("text", "described"),
    [
        ("```python\nx = 1\n```\n\nIt is *one*.", "It is one."),
        ("$$\n\\frac{a}{b}\n$$\n\nThe odds.", "The odds."),
        ("With $\\frac{a}{b}$ and `x`.", "With \\frac{a}{b} and x."),
        ("- one\n- two\n\nThen\nthree.", "one; two. Then three."),
        ("# Why\n\n| a |\n|--|\n| 1 |\n\nBecause.[^1]\n\n[^1]: Note.", "Because."),
        ("[A link](/x/) and ![a plot](/p.png)", "A link and a plot"),
        ("```text\n" + "code\n" * 900 + "```\n\nProse.", "Prose."),
        ("```text\nonly\n```", ""),
        ("", ""),
    ],
)
def test_summary_is_one_line_of_prose(text, described):
    assert summary(text, 160) == described


def test_summary_is_cut_between_words():
    assert summary("One two, three four.", 10) == "One two…"
    assert summary("一二三四五六七八九十" * 3, 10) == "一二三四五六七八九…"
    assert len(summary("word " * 9_000, 160)) <= 160


# Safety and bounds


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>1</script>)",
        '<img src=x onerror="alert(1)">',
        '<a href="https://a.example" style="position:fixed">x</a>',
        "```math\n\\href{javascript:alert(1)}{x}\n```",
        "$\\href{javascript:alert(1)}{x}$",
        "$\\text{<script>alert(1)</script>}$",
        '```"><script>alert(1)</script>\nx\n```',
        '[x](https://a.example "\\" onclick=alert(1)")',
        'https://a.example/"onmouseover=alert(1)',
        "x[^<script>]\n\n[^<script>]: y",
    ],
)
def test_attacks_become_harmless(attack):
    html = render(attack)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html.lower()
    assert 'href="data' not in html.lower()
    assert '<a href="https://a.example" style' not in html


@given(st.text(alphabet="*_`[]()!<>|#-~\\\n \tab$&{}^:.\"'「は", max_size=400))
def test_any_text_renders_to_allowed_tags_only(text):
    html = render(text)
    assert "<script" not in html
    assert "onerror=" not in html or "&lt;" in html
    lost(text)
    summary(text, 160)
    inline(text)


@given(st.text(max_size=200))
def test_any_character_renders(text):
    render(text).encode()


@given(st.text(alphabet="`|a\\ -\n", max_size=60))
def test_no_word_of_a_table_with_code_is_changed(text):
    assert "\ufdd0" not in render(text)


PATHOLOGICAL = [
    *["[", "*", "*a ", "a**b", "*a **b ", "> ", "- ", "- a\n  - b\n", "`", "``a `b ", "![", "![[", "[!["],
    *[
        "<",
        "<a ",
        "_a*",
        "[a](",
        "[]()",
        "[a]: x\n",
        "&#x",
        "|a",
        "a|b\n-|-\n",
        "$",
        "$x$ ",
        "$$a\n",
        "$$x$$ ",
    ],
    *["\\$", "~~a", '"', "' \"", '*"', "...", "--", "https://a.b ", "www.a.b ", "[^", "[^1]: a\n", "「*"],
    *["```x\na\n```\n", "\u05d0 "],
]
LONG = [
    "x[^1] [^1]: a\n\n[^1]: a\n\n" + "[^" * 20_000,
    "|".join("a" * 12_000) + "\n" + "|".join("-" * 12_000) + "\na\n",
    "|".join("a" * 60) + "\n" + "|".join("-" * 60) + "\n" + "a\n" * 20_000,
    "a|b\n-|-\n" + "`a||b`|c\n" * 5_000,
    "a|b\n-" + " " * 49_000 + "x\n",
    "$" + "x+" * 24_000 + "x$",
    "$" + "(" * 9_000 + ")" * 9_000 + "$",
    "$" + "(|" * 4_000 + r"\}" * 4_000 + "$",
    "$" + "(x)^2" * 3_000 + "$",
    "a\n-\n" * 12_500,
    "---\n" * 12_500,
    "a|b\n-|-|-\n" * 5_000,
    "|-|-\n- a|b\n" * 4_500,
    "a|b\n-|-\n    a\n" * 3_500,
    "a|b\n-|-\n[a]: b\n" * 3_500,
    "```math\n" + "x^{" * 8_000 + "}" * 8_000 + "\n```",
    "```python\n" + "x = 'a' + 1  # b\n" * 2_500 + "```",
    "```mcschema\n" + "<!--" * 600 + "\n```",
    "".join(f"```{language}\nx = 1\n```\n" for language in sorted(LANGUAGES)),
    "\n".join("  " * depth + "- a" for depth in range(200)),
    "\n".join(">" * depth + " a" for depth in range(300)),
    "[" * 20_000 + "a" + "](b)" * 7_000,
    "https://a.b/" + "(" * 24_000 + ")" * 24_000,
]
RENDER_ALL = """
import json, signal, sys
import django
django.setup()
from questions.markdown import inline, lost, render, summary
texts, others = json.load(sys.stdin)
for text in texts:
    signal.alarm(10)  # ends the process; the slowest takes half a second
    render(text)
for text in others:
    signal.alarm(10)
    lost(text), summary(text, 160), inline(text)
"""


@pytest.mark.needs("sqlite")  # once: no database is asked
def test_pathological_texts_take_a_bounded_time():
    texts = [(part * MAX_LENGTH)[:MAX_LENGTH] for part in PATHOLOGICAL] + [text[:MAX_LENGTH] for text in LONG]
    others = [
        (part * MAX_LENGTH)[:MAX_LENGTH] for part in ("[^", "<a ", "<", "$x$ ", "`", "' \"", "--", "...")
    ]
    subprocess.run(
        [sys.executable, "-c", RENDER_ALL],
        input=json.dumps([texts, others]).encode(),
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=True,
    )
