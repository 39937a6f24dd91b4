"""Pages in HTML: read by a parser, turned into Markdown, and read on as prose.

What no reader of the page would call its text (scripts, menus, advertisements) is set apart first, so
that it can be shown as left over.
"""

import re
import warnings
from collections import Counter
from typing import Any, NamedTuple

from bs4 import (
    BeautifulSoup,
    Comment,
    Doctype,
    ParserRejectedMarkup,
    Tag,
    XMLParsedAsHTMLWarning,
)
from markdownify import MarkdownConverter

from .. import text as texts
from . import html_titles, prose
from .html_titles import MARK, MARKED, TITLES
from .reading import MAX_QUESTIONS, LeftOver, Reading, UnreadableFile

warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)  # many a page begins with “<?xml”

MAX_LENGTH = 6_000_000  # characters; tags are most of a page
MAX_TAGS = 250_000  # each takes half a kilobyte of memory
_DEEPEST = 200  # elements in one another
_MARK_ALONE = re.compile(f"^({MARK}\\d+{MARK})\\s+")  # in front of a block: the item would begin with no text
_ONLY_MARK = re.compile(f"{MARK}\\d+{MARK}")
_TO_MARK = re.compile(
    r"<(?:h[1-6]|summary|d[td]|p|li|div|section|article|blockquote|button|script|style|nav|footer|aside)\b[^<>]*>"
    r"(?!\s*<(?:article|blockquote|details|div|dl|h[1-6]|ol|p|pre|section|summary|table|ul)\b)",
    re.IGNORECASE,
)

_UNSEEN = ["script", "style", "noscript", "template", "svg", "iframe", "object", "canvas"]
_CONTROLS = ["input", "select", "textarea", "option", "link", "meta"]
_ASIDE = ["nav", "footer", "aside", "dialog"]
_ASIDE_CLASSES = frozenset(
    "ad ads advert advertisement adsbygoogle sponsor sponsors sponsored promo banner cookie cookies "
    "newsletter subscribe share sharing social breadcrumb breadcrumbs sidebar sphinxsidebar toc menu navbar "
    "related comments navigation complementary contentinfo".split()
)
_PARTS_OF_PAGES = ["table", "h1", "h2", "h3", "h4", "details", "dl"]
_LEAST_OF_MAIN = 0.5  # of the text of a page; else it is not what this element is for
_TITLE = re.compile(rf"<({'|'.join(TITLES)})\b", re.IGNORECASE)
_PAGE = re.compile(
    r"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_BLOCK_END = re.compile(r"</(?:p|div|li|h[1-6]|section|article|dd|dl|ul|ol|details|table)\s*>", re.IGNORECASE)
_MARKDOWN = re.compile(r"^(?:#{1,6}\s|```|\s{0,3}[-*+]\s|\s{0,3}\d+[.)]\s|\*\*)", re.MULTILINE)


def is_html(text: str) -> bool:
    """Whether `text` is a page or a part of one, and not Markdown with some HTML in it."""
    start = text[:20_000]
    if _PAGE.match(start):
        return True
    ends = len(_BLOCK_END.findall(start))
    return start.lstrip().startswith("<") and ends > 2 and len(_MARKDOWN.findall(start)) < ends / 4


class _Page(NamedTuple):
    """A page as Markdown: the number of each of its lines in the file, and what is set apart."""

    markdown: str
    numbers: list[int]
    title: str
    apart: list[LeftOver]


def read(text: str) -> Reading:
    """The questions of a page in HTML."""
    if len(text) > MAX_LENGTH:
        raise UnreadableFile(
            f"{len(text) / 1e6:.1f} million characters are more than the {MAX_LENGTH / 1e6:.0f} million that "
            "a page may have: split the file."
        )
    if text.count("<") > MAX_TAGS:
        raise UnreadableFile(f"More than {MAX_TAGS:,} tags in one page: split the file.")
    _refuse_many_titles(text)
    page = _page(text)
    reading = prose.read(page.markdown, to_markdown, page.numbers)
    if not reading.title:
        reading.title = page.title
    elif page.title and page.title != reading.title:
        page.apart.append(LeftOver(1, page.title))
    reading.left_over = [entry for entry in reading.left_over if entry.text not in _OWN_LINES] + page.apart
    return reading.finish()


def _refuse_many_titles(text):
    """Refuse what has more titles of one kind than a file may have questions, before it is parsed."""
    numbers = Counter(name.lower() for name in _TITLE.findall(text))
    if max(numbers.values(), default=0) > MAX_QUESTIONS:
        raise UnreadableFile(f"More than {MAX_QUESTIONS:,} headings of a kind in one page: split the file.")


_OWN_LINES = {"<details>", "</details>", "---"}  # what the Markdown has in place of tags


def to_markdown(fragment: str, *, is_title: bool = False) -> str:
    """A piece of HTML as Markdown; of a title the words `<b>` are escaped, since its tags are taken out."""
    soup = _soup(texts.clean(fragment))
    for tag in soup.find_all([*_UNSEEN, *_CONTROLS]):
        tag.decompose()
    converter = _Converter if is_title else _AnswerConverter
    return texts.block(converter(**_OPTIONS).convert_soup(soup))


def _page(text):
    soup = _soup(_with_marks(texts.clean(text)))
    title = texts.line(soup.title.get_text()) if soup.title else ""
    apart = [*_around_main(soup), *_set_apart(soup)]
    _unfold_layouts(soup)
    html_titles.drop_permalinks(soup)
    html_titles.mark_questions(soup)
    html_titles.mark_levels(soup)
    for button in html_titles.mark_buttons(soup):
        apart += _lines_of(button)
        button.decompose()
    html_titles.put_breaks_behind(soup)
    lines, numbers, number = [], [], 1
    for line in _Converter(**_OPTIONS).convert_soup(soup).split("\n"):
        if found := MARKED.search(line):
            number = int(found[1])
        line = MARKED.sub("", line)
        lines.append(line if line.strip() else "")
        numbers.append(number)
    return _Page("\n".join(lines), numbers, title, apart)


def _soup(text):
    try:
        soup = BeautifulSoup(text, "lxml")
    except (ParserRejectedMarkup, RecursionError) as error:
        raise UnreadableFile("This page cannot be read as HTML.") from error
    _refuse_deep(soup)
    return soup


def _with_marks(text):
    """The page with the number of its line in front of the text of each element."""
    parts, last, number = [], 0, 1
    for match in _TO_MARK.finditer(text):
        number += text.count("\n", last, match.end())
        parts += [text[last : match.end()], f"{MARK}{number}{MARK}"]
        last = match.end()
    return "".join([*parts, text[last:]])


def _refuse_deep(soup):
    """Refuse elements nested too deep: what follows works element in element."""
    depth = {id(soup): 0}
    for tag in soup.find_all(True):
        depth[id(tag)] = depth.get(id(tag.parent), 0) + 1
        if depth[id(tag)] > _DEEPEST:
            raise UnreadableFile(
                f"Elements nested more than {_DEEPEST} deep: this is no page that can be read."
            )


def _around_main(soup):
    """Take out what stands around the main part of a page, and return its lines."""
    found = soup.find_all(lambda tag: tag.name == "main" or tag.get("role") == "main")
    if len(found) != 1 or len(found[0].get_text()) < _LEAST_OF_MAIN * len(_seen(soup)):
        return
    inner = found[0]
    for outer in [*inner.parents]:
        for part in [each for each in outer.contents if each is not inner and isinstance(each, Tag)]:
            if outer.name not in {"html", "[document]"} and part.name not in _UNSEEN:
                yield from _lines_of(part)
                part.decompose()
        inner = outer


def _seen(soup):
    """The text of a page but for its scripts."""
    return "".join(text for text in soup.find_all(string=True) if text.parent.name not in _UNSEEN)


def _unfold_layouts(soup):
    """Make blocks of the cells of tables that lay a page out: such a table holds headings or tables."""
    for table in soup.find_all("table"):
        if not table.find(_PARTS_OF_PAGES) and not table.find("tr", class_="question"):
            continue
        for tag in table.find_all(["tr", "td", "th", "tbody", "thead", "tfoot", "caption"]):
            if tag.find_parent("table") is table:
                tag.name = "div"
        table.name = "div"


def _set_apart(soup):
    """Take out what is no text of the page, and return its lines."""
    for node in soup.find_all(string=lambda string: isinstance(string, Comment | Doctype)):
        node.extract()
    for tag in soup.find_all(_CONTROLS):
        tag.decompose()
    if soup.title:
        soup.title.decompose()
    length = max(len(soup.get_text()), 1)
    for tag in soup.find_all(lambda tag: tag.name in _UNSEEN or tag.name in _ASIDE or _is_aside(tag)):
        if tag.decomposed or (
            tag.name not in _UNSEEN and (len(tag.get_text()) > 0.4 * length or tag.find("h1"))
        ):
            continue
        yield from _lines_of(tag)
        tag.decompose()


def _lines_of(tag):
    """The lines of an element's text, with their numbers."""
    number = 1
    for line in tag.get_text("\n" if tag.name not in _UNSEEN else "").split("\n"):
        if found := MARKED.search(line):
            number = int(found[1])
        if words := MARKED.sub("", line).strip():
            yield LeftOver(number, words)


def _is_aside(tag):
    if tag.name in {"html", "body", "main", "article", *TITLES} or tag.find_parent(TITLES):
        return False
    names = [*tag.get("class", []), tag.get("id") or "", tag.get("role") or ""]
    parts = {part for name in names for part in [name.casefold(), *re.split(r"[-_]", name.casefold())[:1]]}
    return bool(parts & _ASIDE_CLASSES)


def _code_of(tag):
    """The text of code, whose lines may be ended by tags alone."""
    for each in tag.find_all("br"):
        each.replace_with("\n")
    for each in tag.find_all(["div", "p", "li"]):
        if each.next_sibling and not each.get_text().endswith("\n"):
            each.append("\n")
    return _ONLY_MARK.sub("", tag.get_text())


def _language(tag):
    """The language of code, from the usual classes: `language-python`, `highlight-source-shell`."""
    for element in [tag, *tag.find_all("code", limit=1), tag.parent]:
        for name in element.get("class", []) if element else []:
            if match := re.fullmatch(r"(?:language|lang|highlight-source|brush:?)-?([\w+#-]{1,20})", name):
                return match[1]
    return ""


_OPTIONS: dict[str, Any] = {
    "heading_style": "ATX",
    "bullets": "-",
    "wrap": True,  # line ends of the source become spaces
    "wrap_width": None,
    "code_language_callback": _language,
    "newline_style": "spaces",
}


class _Converter(MarkdownConverter):
    """Markdown as this site reads it: what opens by a click kept as it is, images as links."""

    like_tag = re.compile(r"<(?=[A-Za-z/!?])")  # the words “<b>”, which are no tag

    def convert_details(self, el, text, parent_tags):
        return f"\n\n<details>\n\n{text.strip()}\n\n</details>\n\n"

    def convert_summary(self, el, text, parent_tags):
        return f"\n\n<summary>{' '.join(text.split())}</summary>\n\n"

    def convert_li(self, el, text, parent_tags):
        text = _MARK_ALONE.sub(r"\1", text.strip())
        return super().convert_li(el, text, parent_tags)  # type: ignore[misc]

    def convert_img(self, el, text, parent_tags):
        address = el.get("src") or ""
        if not address or address.startswith("data:"):  # a stand-in until the picture is seen
            address = el.get("data-src") or ""
        if not address or address.startswith("data:"):
            return el.get("alt") or ""
        name = texts.line(el.get("alt") or "") or address.rpartition("/")[2][:80]
        return f"[{name}]({address})" if "a" not in parent_tags else name

    def convert_a(self, el, text, parent_tags):
        address = (el.get("href") or "").strip()
        if not address or address.casefold().startswith(("javascript:", "data:")) or not text.strip():
            return text
        return f"[{' '.join(text.split())}]({address})" if " " not in address else text

    def convert_iframe(self, el, text, parent_tags):
        return ""

    def convert_pre(self, el, text, parent_tags):
        code = _code_of(el)
        text = super().convert_pre(el, code, parent_tags)  # type: ignore[misc]
        longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=0)
        return text.replace("```", "`" * (longest + 1)) if longest else text

    def escape(self, text, parent_tags):
        """Escape what Markdown would read as a mark, and nothing else: most words stay as they are."""
        if text.count("*") > 1:
            text = re.sub(r"\*(?=\S)(?=[^*]*\S\*)|(?<=\S)\*(?=[^*]*$)", r"\\*", text)
        if text.count("_") > 1:
            text = re.sub(r"(?<!\w)_(?=\S)|(?<=\S)_(?!\w)", r"\\_", text)
        text = self.like_tag.sub(r"\\<", text)
        return re.sub(r"^(\s*)(#{1,6}\s)", r"\1\\\2", text)


class _AnswerConverter(_Converter):
    """The same for what nobody reads on: the site takes nothing but an address for more than words."""

    like_tag = re.compile(r"<(?=[^\s<>]*[:@][^\s<>]*>)")
