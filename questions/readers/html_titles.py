"""What the elements of a page say of its questions: their classes, attributes, buttons and badges.

It is written into the page as headings and marks of difficulty, before that becomes Markdown.
"""

import re
from collections.abc import Iterator

from bs4 import BeautifulSoup, NavigableString, Tag

from . import levels
from .prose import titles

MARK = "\ufdd2"  # around the number of a line; a noncharacter, so that no text holds one
MARKED = re.compile(f"{MARK}(\\d+){MARK}\\s?")
TITLES = ["h1", "h2", "h3", "h4", "h5", "h6", "summary", "dt"]
_LEVEL_ATTRIBUTES = ["data-difficulty", "data-level", "data-complexity", "data-seniority"]
_LEVEL_CLASS = re.compile(
    r"(?:(?:difficulty|level|badge|tag|label|is|q)[-_]{1,2})?"
    r"(easy|medium|hard|beginner|intermediate|advanced|junior|senior|expert)",
    re.IGNORECASE,
)
_QUESTION_CLASS = re.compile(
    r"(?:[a-z0-9]+[-_]{1,2}){0,3}(?:question|faq[-_]?q)(?:[-_]{1,2}(?:text|title|name|heading))?"
    r"|(?:[a-z0-9]+[-_]{1,2}){0,3}(?:accordion|toggle|collapse|tab)[-_]{1,2}(?:title|header|heading)|card[-_]{0,2}front",
    re.IGNORECASE,
)
_PERMALINK = re.compile(r"[¶#§🔗⚓\ufe0f\s]+|(?:direct |perma)?link(?: to .*)?", re.IGNORECASE)
_NUMBER = re.compile(r"\W?(?:\d{1,3}\.)*(\d{1,4})\W?")
_PARTS = [*TITLES, "p", "div", "ul", "ol", "pre", "table", "details", "form"]


def drop_permalinks(soup: BeautifulSoup) -> None:
    """Take the signs out of titles that only link to the title itself."""
    for title in soup.find_all(TITLES):
        for link in title.find_all("a", href=re.compile("#")):
            if _PERMALINK.fullmatch(_words(link)) and _words(link) != _words(title):
                link.decompose()


def mark_levels(soup: BeautifulSoup) -> None:
    """Write a difficulty that stands in an attribute or a badge behind the title that it belongs to."""
    for tag in soup.find_all(
        ["span", "small", "em", "i", "b", "strong", "label", "sup", "mark", "code", "a"]
    ):
        words = MARKED.sub("", tag.get_text())
        if (
            len(words) < 30
            and levels.of_words(words)
            and tag.find_parent([*TITLES, "p", "li", "div", "button"])
        ):
            tag.string = f" ({words.strip()}) "
            tag.name = "span"
    for tag in soup.find_all(_has_level):
        title = tag if tag.name in TITLES else tag.find([*TITLES, "strong", "b", "p", "button"])
        title = tag if title is None and tag.name in {"li", "p"} else title
        if title is not None and not re.search(r"\([\w -]+\)\s*$", title.get_text()):
            title.append(f" ({_level_of(tag)})")


def _has_level(tag):
    return tag.name in {
        "li",
        "p",
        "div",
        "article",
        "section",
        "details",
        "summary",
        "tr",
        *TITLES,
    } and _level_of(tag)


def _level_of(tag):
    for name in _LEVEL_ATTRIBUTES:
        if (value := tag.get(name)) and (level := levels.of_value(value)):
            return level
    for name in tag.get("class", []):
        if match := _LEVEL_CLASS.fullmatch(name):
            return levels.of_words(match[1])
    return ""


def mark_buttons(soup: BeautifulSoup) -> Iterator[Tag]:
    """Make a button that asks the title of what it opens; yields the others, which say nothing."""
    for tag in soup.find_all("button"):
        if tag.find_parent(TITLES):
            tag.unwrap()
        elif len(_words(tag)) > 15 or "?" in _words(tag):
            _flatten(tag)
            tag.name = "strong"
            tag.wrap(soup.new_tag("p"))
        else:
            yield tag


def put_breaks_behind(soup: BeautifulSoup) -> None:
    """A break at the end of bold words ends their line: it goes behind them."""
    for tag in soup.find_all(["strong", "b", "em", "i", "span"])[::-1]:
        while tag.contents and getattr(tag.contents[-1], "name", "") == "br":
            tag.insert_after(tag.contents[-1].extract())


def _flatten(tag):
    """Take the blocks in an element apart: a title is one line."""
    for part in tag.find_all(["div", "p"]):
        part.unwrap()


def mark_questions(soup: BeautifulSoup) -> None:
    """What a page itself calls a question becomes a heading."""
    for tag in soup.find_all(["div", "p", "span", "a", "strong", "b"]):
        is_in_page = not tag.decomposed and tag.parent is not None
        line = _title_in(tag) if is_in_page and _is_called_question(tag) else None
        if line is None or line.find_parent(TITLES):
            continue
        _flatten(line)
        line.name = "h6"
        if not titles.without_prefix(_words(line))[1]:
            line.insert(0, NavigableString(_number_before(line) or _number_before(tag) or "Q. "))


def _is_called_question(tag):
    names = [*tag.get("class", []), tag.get("itemprop") or ""]
    return any(_QUESTION_CLASS.fullmatch(name) for name in names) or (
        tag.get("itemprop") == "name" and "Question" in (tag.parent.get("itemtype") or "")
    )


def _title_in(tag):
    """The element that holds the one line of a question, or the first of its paragraphs, if that asks."""
    if _is_line(tag):
        return tag
    cells = tag.find_all(_PARTS, recursive=False)
    if len(cells) == 2 and _NUMBER.fullmatch(_words(cells[0])):  # as in tables of manuals
        return _first_line(cells[1])
    first = tag.find(_PARTS)
    asks = first is not None and first.name == "p" and titles.asks(_words(first)) and _is_line(first)
    return first if asks else None


def _is_line(tag):
    """Whether an element holds one line and nothing else, whatever is around it."""
    while (parts := tag.find_all(_PARTS, recursive=False)) and len(parts) == 1:
        if _words(parts[0]) != _words(tag):
            return False
        tag = parts[0]
    return not tag.find(_PARTS) and len(tag.get_text()) < 400


def _first_line(cell):
    """The line that a cell begins with, in an element of its own; None if it begins with no line."""
    line = BeautifulSoup("", "lxml").new_tag("div")
    while cell.contents and getattr(cell.contents[0], "name", None) not in _PARTS:
        line.append(cell.contents[0].extract())
    cell.insert_before(line)
    if _words(line):
        return line
    first = cell.find(_PARTS)
    return first if first and _is_line(first) else None


def _number_before(tag):
    """The number of a question that stands in an element of its own before it, which is taken out."""
    before = tag.find_previous_sibling() or tag.parent.find_previous_sibling()
    number = _NUMBER.fullmatch(_words(before)) if before else None
    if not number:
        return ""
    before.decompose()
    return f"Q{number[1]}. "


def _words(tag):
    return MARKED.sub("", tag.get_text()).strip()
