"""Questions in pages as people have them; `collections/` holds the pages, `collections.txt` what is in them.

The list was counted by hand: line, difficulty, a question mark for one that is not sure, text, topics.
"""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questions import readers
from questions.readers import UnreadableFile, prose

pytestmark = pytest.mark.once

HERE = Path(__file__).parent
PAGES = sorted((HERE / "collections").iterdir())
SEED = next((HERE.parents[3] / "shared" / "seeds").glob("*.txt"), None)


def listed(reading):
    """A reading in the form of `collections.txt`."""
    lines = []
    for question in reading.questions:
        topics = f"  [{', '.join(question.topics)}]" if question.topics else ""
        sure = " " if question.sure else "?"
        lines.append(f"{question.line:>4} {question.difficulty or '-':6} {sure} {question.text}{topics}")
    lines += [f"     step     {step.title}" for step in reading.steps]
    return lines + [f"     tip      {tip}" for tip in reading.tips]


def expected():
    found, lines = {}, []
    for line in (HERE / "collections.txt").read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"== (\S+): (.*)", line):
            lines = found[match[1]] = [match[2]]
        else:
            lines.append(line)
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_the_questions_of_a_page_are_found_and_no_others(path):
    reading = readers.read(path)
    title, *lines = expected()[path.name]
    assert listed(reading) == lines
    assert (reading.title or "(no title)") == title


def said(reading):
    """All that a reading holds, in small letters."""
    parts = [reading.title, reading.category, reading.intro, *reading.tips]
    parts += [entry.text for entry in reading.left_over]
    for question in reading.questions:
        parts += [question.text, question.answer, *question.topics]
    for step in reading.steps:
        parts += step
    return "\n".join(parts).casefold()


# What a question has instead of its words: a number, a label, a mark of its difficulty, a tag.
MARKS = set(
    "question front sample ans answer back title difficulty level topics tags easy medium hard beginner "
    "intermediate advanced green yellow red circle details summary blockquote strong code pre kbd ul li "
    "img src href width align center class language br jr sr https shields io badge alt "
    "pregunta respuesta dificultad media ver mostrar la english ques abbr big em font mark small span sub "
    "sup samp div".split()
)


def lost(text, reading):
    """The words of each line of `text` that stand nowhere in `reading`, but for marks."""
    known = said(reading)
    for line in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", re.sub(r"\(#[\w-]*\)", "", text)):
        for word in re.findall(r"[a-z]{2,}", line.casefold()):
            if word not in known and word not in MARKS:
                yield word, line


@pytest.mark.parametrize(
    "path", [path for path in PAGES if path.suffix != ".html"], ids=lambda path: path.name
)
def test_every_word_of_a_page_is_in_an_item_or_left_over(path):
    assert not list(lost(path.read_text(encoding="utf-8"), readers.read(path)))


# The seed page


if SEED:  # it is not part of the repository

    def test_the_seed_page_comes_in_complete_and_letter_for_letter():
        text = SEED.read_text(encoding="utf-8")
        reading = readers.read(SEED)
        lines = [line for line in text.split("\n") if line.strip()]
        assert [reading.category, reading.title, reading.intro] == lines[:3]
        assert [question.difficulty for question in reading.questions] == (
            "easy easy medium medium medium medium hard medium hard hard hard".split()
        )
        for number, question in enumerate(reading.questions, start=1):
            at = lines.index(f"Q{number}.{question.text}{question.difficulty}")
            assert question.answer == lines[at + 1]
        assert [f"{number}. {step.title}" for number, step in enumerate(reading.steps, start=1)] == lines[
            27:39:2
        ]
        assert [step.body for step in reading.steps] == lines[28:40:2]
        assert [f"  • {tip}" for tip in reading.tips] == lines[40:44]
        assert [entry.text for entry in reading.left_over] == [lines[3], lines[26], lines[39], *lines[44:]]


# Answers


def answer(text, at=0):
    return readers.read_text(text).questions[at].answer


def test_code_lists_and_tables_come_along_as_they_are():
    body = (
        "Some *words*:\n\n- one\n  - two\n\n| a | b |\n|---|---|\n| 1 | `x` |\n\n"
        "```py\n# no heading\n\n\nx = '<b>'\n```"
    )
    assert answer(f"## What is it?\n\n{body}\n\n## Why?\n\nSo.\n") == body


def test_an_image_becomes_a_link_and_html_becomes_markdown():
    text = (
        "## What is it?\n\n![A cat](cat.png) and <img src='dog.png' alt='a dog'>.<br>It is <b>bold</b>, "
        '<code>a < b</code>, a <a href="https://a.example">link</a>, a `List<String>`.\n\n'
        '<p align="center">End</p>\n'
    )
    assert answer(text) == (
        "[A cat](cat.png) and [a dog](dog.png).  \nIt is **bold**, `a < b`, a [link](https://a.example), "
        "a `List<String>`.\n\nEnd"
    )


def test_a_table_in_html_becomes_one_in_markdown():
    table = "<table>\n<tr><th>a</th><th>b</th></tr>\n<tr><td>1</td><td>2</td></tr>\n</table>"
    assert answer(f"## Why?\n\n{table}\n\n## How?\n\nSo.\n") == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_tags_that_a_page_writes_about_stay_words():
    reading = readers.read_text(
        "<!DOCTYPE html><title>HTML</title>"
        "<h2>1. What does &lt;b&gt; do?</h2><p>It is bold, unlike &lt;summary&gt; or List&lt;T&gt;.</p>"
        "<h2>2. What is &lt;details&gt;?</h2><p>A &lt;div&gt; that opens.</p>"
    )
    assert [(question.text, question.answer) for question in reading.questions] == [
        ("What does <b> do?", "It is bold, unlike <summary> or List<T>."),
        ("What is <details>?", "A <div> that opens."),
    ]


@pytest.mark.parametrize("code", ["if a:<br>    b", "<div>if a:</div><div>    b</div>", "if a:\n    b"])
def test_lines_of_code_that_tags_end_stay_lines(code):
    page = f"<!DOCTYPE html><h2>1. Why?</h2><p>So.</p><pre>{code}</pre><h2>2. How?</h2><p>So.</p>"
    assert readers.read_text(page).questions[0].answer == "So.\n\n```\nif a:\n    b\n```"


def test_terms_inside_a_definition_are_part_of_the_answer():
    answer = "<p>Two:</p><dl><dt>one</dt><dd>the first</dd></dl>"
    terms = "".join(f"<dt>What is {name}?</dt><dd>{answer}</dd>" for name in ("a bit", "a byte", "a word"))
    reading = readers.read_text(f"<!DOCTYPE html><dl>{terms}</dl>")
    assert [question.text for question in reading.questions] == [
        "What is a bit?",
        "What is a byte?",
        "What is a word?",
    ]
    assert all("the first" in question.answer for question in reading.questions)


@pytest.mark.parametrize(
    "shape",
    [
        "<details>\n<summary>What is {}?</summary>\n\n{}\n\n</details>\n",
        "1. ### What is {}?\n\n   {}\n",
        "### What is {}?\n\n{}\n",
    ],
)
def test_headings_of_an_answer_stay_in_it(shape):
    answer = "So.\n\n#### Example\n\nOne.\n\n#### Why is it useful?\n\nBecause it is."
    page = "".join(shape.format(name, answer) for name in ("recall", "precision", "accuracy", "lift"))
    reading = readers.read_text(f"# Metrics\n\n{page}")
    assert [question.answer for question in reading.questions] == [answer] * 4


def test_an_answer_that_is_indented_too_little_for_its_number_stays():
    page = "\n".join(f"{n}. What is {n}?\n\n   It is {n}.\n\n   - so\n" for n in range(6, 11))
    reading = readers.read_text(f"# Ten\n\n{page}")
    assert [question.answer for question in reading.questions] == [
        f"It is {n}.\n\n- so" for n in range(6, 11)
    ]


def test_a_click_that_opens_only_questions_is_their_section():
    inner = "<details>\n<summary>What is {}?</summary>\n\nSo.\n\n</details>\n"
    outer = "<details>\n<summary>{}</summary>\n\n" + "".join(map(inner.format, "abc")) + "\n</details>\n\n"
    reading = readers.read_text("# All\n\n" + outer.format("Loops") + outer.format("Types"))
    assert [question.text for question in reading.questions] == ["What is a?", "What is b?", "What is c?"] * 2
    assert [question.topics for question in reading.questions] == [["Loops"]] * 3 + [["Types"]] * 3


def test_a_difficulty_in_backticks_behind_a_bold_question():
    page = "".join(f"- **What is {level}?** `{level}`\n\n  So.\n\n" for level in ("easy", "medium", "hard"))
    found = [(question.difficulty, question.answer) for question in readers.read_text(page).questions]
    assert found == [("easy", "So."), ("medium", "So."), ("hard", "So.")]


def test_code_that_looks_like_the_questions_stays_code():
    code = "~~~sh\nrun\n### done?\n~~~"
    page = "\n\n".join(f"### What is {name}?\n\n{code}" for name in "abcd")
    assert [question.answer for question in readers.read_text(page).questions] == [code] * 4


def test_the_right_option_stands_first():
    text = (
        "## Q1. Which?\n\n- [ ] one\n- [x] two\n\n"
        "## Q2. And which?\n\nA) three\nB) four\n\n"
        "<details><summary>Answer</summary>\n\n**Answer: A**\n\n</details>\n"
    )
    assert answer(text).startswith("two\n\n- [ ] one\n- [x] two")
    assert answer(text, 1).startswith("three\n\nA) three\nB) four")


def test_an_answer_that_is_only_a_link_is_told():
    reading = readers.read_text("## What is it?\n\n[Answer](https://a.example)\n\n## Why?\n")
    assert reading.warnings == [(1, "no answer here, only a link"), (5, "no answer here")]


def test_advertisements_are_left_over():
    sold = "> Sponsored by [Courses](https://a.example): 20% off this week"
    reading = readers.read_text(f"## What is it?\n\nA thing.\n\n{sold}\n\n## Why?\n\nSo.\n")
    assert reading.questions[0].answer == "A thing."
    assert reading.left_over == [(5, sold)]


def test_front_matter_says_what_a_page_is():
    front = "---\ntitle: Testing\ncategory: Quality\nlayout: page\n---\n\n"
    reading = readers.read_text(f"{front}* What is a stub?\n* Why?\n")
    assert (reading.title, reading.category, len(reading.questions)) == ("Testing", "Quality", 2)
    assert (4, "layout: page") in reading.left_over


def test_a_fence_that_is_never_closed_ends_before_a_question_whatever_stands_behind_its_words():
    titles = ["What is a? 👶", "What is b? (easy)", "Explain c.", "What is d? 🚀"]
    answers = ["```js\nlet x = 1;\n", "So.", "So.", "```js\ny();\n```"]
    page = "\n\n".join(f"#### {title}\n\n{text}" for title, text in zip(titles, answers, strict=True))
    assert len(readers.read_text(page).questions) == 4


def test_a_fence_that_is_never_closed_is_told():
    reading = readers.read_text("## What is it?\n\n```\ncode\n")
    assert reading.warnings == [(3, "a code fence is opened here and never closed")]
    assert reading.questions[0].answer.startswith("```\ncode")


# Whatever a text is

PARTS = (
    "# Title|## What is it?|### 3. A subject|#### Answer: B|**Why?**|Q7. How?|A: So.|- What?|- [x] yes|"
    "1. One|2) Two|   inside|```|```js|---|===|<details>|<summary>What?</summary>|</details>|<br/>|"
    "Term|: meaning|> quoted?|[top](#top)|[^1]: note|\tcode|Interview Tips|## Learning path|text.|"
    "* * *|<!-- x -->|<table>|<p>|#|**|Legend: 👶 easy 🚀 hard|Is it? 👶|Difficulty: hard|## Answers|"
    "<b>bold|![an image](there)"
).split("|")
LINES = st.one_of(st.sampled_from(["", "", "| a | b |", "|---|---|", "\u2028", *PARTS]), st.text(max_size=30))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LINES, max_size=40).map("\n".join))
def test_every_line_of_any_text_is_used_or_left_over(text):
    assert not list(lost(text, prose.read(text)))


@pytest.mark.parametrize(
    "text",
    [
        "- " * 30_000,
        "> " * 30_000 + "x",
        "[a](b" * 50_000,
        "**a" * 50_000,
        "a|b\n" * 30_000,
        "```\n" * 30_000,
        "<details><summary>a?</summary>\n" * 10_000,
        "a\n: b\n" * 10_000,
        "# Why?\n" * 20_000,
        "<b>" * 50_000,
        "<html><body>" + "<p>" * 300_000,
        "Q1. Why?\nSo.\n" * 9_000,
        "x: " * 50_000,
        "a::b::c\n" * 30_000,
        "a::\n\n   b\n\n" * 20_000,
        "1.1. Why?\n" * 30_000,
        "---\nWhy?\n" * 9_000,
        "**Why?** So.\n" * 9_000,
        "1. a?\n   " * 20_000,
        "\n".join(" " * depth + "- a" for depth in range(1000)),
    ],
)
def test_strange_texts_take_bounded_time(text):
    with suppress(UnreadableFile):
        readers.read_text(text)


def test_texts_that_are_too_long_are_refused():
    with pytest.raises(UnreadableFile, match="100,002 lines are more than the 100,000"):
        prose.read("a\n" * 100_001)
    with pytest.raises(UnreadableFile, match="More than 10,000 headings of a kind in one page"):
        readers.read_text("<!doctype html>" + "<h3>Why?</h3><p>So.</p>" * 10_001)


GREEDY = """How to run a container in the background?
How to use the useEffect hook?
How to use the document object?
How to run the app in release mode?
Who should use a document store?
Do you want more threads or more processes?
Do you find it hard to say no?
How to start a thread in Java?
What is this in JavaScript?
What is next in an iterator?
Who should own the data model?
Support vector machines: how do they work?
Where to start debugging a slow page?
Downloads of large files: how do you resume them?
How do you subscribe to an Observable?
How would you model a discount code?""".splitlines()


@pytest.mark.parametrize("style", ["### {number}. {text}", "**{text}**", "## {text}"])
def test_questions_that_begin_like_a_pages_furniture_are_questions(style):
    subscribe = ["[subscribe](https://a.example)", "subscribe"]
    answers = [
        f"You {subscribe[number % 2]} to number {number}{' at a discount' if number % 2 else ''}."
        for number in range(len(GREEDY))
    ]
    parts = [
        f"{style.format(number=number, text=text)}\n\n{answers[number - 1]}\n"
        for number, text in enumerate(GREEDY, start=1)
    ]
    furniture = [
        "## How to use this repository\n\nRead it.\n",
        "## What's next?\n\nStar it.\n",
        "## Support us\n\nPay.\n",
        "## Do you like this repository?\n\nStar it.\n",
    ]
    reading = readers.read_text("\n".join(["# Questions\n", *parts, *furniture]))
    assert [question.text for question in reading.questions] == GREEDY
    assert [question.answer for question in reading.questions] == answers


@pytest.mark.parametrize(
    "style", ["## {}. {}\n\n{}\n", "**{}. {}**\n\n{}\n", "{}. {}\n\n   {}\n", "{}) {}\n{}\n"]
)
def test_a_subject_that_numbers_count_is_no_furniture(style):
    asked = (
        "What is a tag?|Comments|How do you open it?|Index|Where is it?|Read more: what is that?|Support|Why?"
    )
    counted = [*asked.split("|"), "Contributing", "License"]
    parts = [style.format(number, text, "So.") for number, text in enumerate(counted, start=1)]
    reading = readers.read_text("# Questions\n\n" + "\n".join(parts))
    assert [question.text for question in reading.questions] == counted[:-2]


def test_an_answer_may_be_about_discounts():
    answers = [
        "Discount codes are kept in a table: see [the manual](https://a.example).",
        "Coupon code and price are [columns](https://a.example).",
        "You get a discount, once.",
    ]
    sold = "Get the course with coupon code SAVE20: [enrol](https://a.example)"
    page = "\n".join(f"## What is {at}?\n\n{words}\n\n{sold}\n" for at, words in enumerate(answers))
    assert [question.answer for question in readers.read_text(page).questions] == answers


def test_a_page_that_sells_names_no_subject_and_contents_are_no_introduction():
    page = (
        "# Herbs\n\n[What is mint?](#mint)\n\n[What is dill?](#dill)\n\n"
        "#### You can find all 100 answers here [Shop](https://a.example)\n\n"
        "## What is mint?\n\nGreen.\n\n## What is dill?\n\nGreen, too.\n"
    )
    reading = readers.read_text(page)
    assert (reading.intro, [question.topics for question in reading.questions]) == ("", [[], []])


@pytest.mark.parametrize("plea", ["⭐ Star us if you like it!", "Please star this project. Thank you!"])
def test_a_plea_is_no_introduction(plea):
    reading = readers.read_text(f"# Herbs\n\n{plea}\n\n## What is mint?\n\nGreen.\n")
    assert (reading.intro, [left.text for left in reading.left_over]) == ("", [plea])


def test_a_question_within_what_is_called_one_is_asked_once():
    page = (
        '<!DOCTYPE html><div class="question"><div class="question"><div>1.</div><div><p>Why?</p></div></div>'
        "</div><p>So.</p>"
    )
    assert [question.text for question in readers.read_text(page).questions] == ["Why?"]
