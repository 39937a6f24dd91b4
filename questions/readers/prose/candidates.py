"""What in a text may be a question: each candidate has a style, and the style that repeats decides."""

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

from .. import levels
from ..columns import role_of
from . import furniture, labels, titles
from .answers import tidy
from .blocks import Block, Blocks
from .titles import Title

Style = tuple  # such as ("heading", 3, "number")

_STRONG = re.compile(r"\s*(?:\*\*|__|<b\b|<strong\b)", re.IGNORECASE)
_STARTS_LIKE_Q = re.compile(
    rf"[\W_]{{0,6}}(?:(?:{labels.NUMBERED}|front|prompt)\b|{labels.NUMBERED}\d)", re.IGNORECASE
)
_STARTS_LIKE_NUMBER = re.compile(r"[\W_]{0,4}\d{1,4}[.):\]]")
_ASKED_NAME = re.compile(rf"(?:{labels.QUESTION}|q|front|prompt)\s*{labels.COLON}?", re.IGNORECASE)
_MARK_IN_FRONT = re.compile(r"\s*[*_]{0,2}[(\[`](?P<inside>[^()\[\]`]{1,30})[)\]`][*_]{0,2}\s*[-–—:]?\s*")
_FRONT = re.compile(r"^[\s*_]*(?:front|prompt)\s*:[\s*_]*", re.IGNORECASE)
_ANSWER_BEHIND = re.compile(
    rf"\s*[*_]{{0,3}}\b(?:{labels.ANSWER}\s*(?:\d{{1,4}}\s*)?[:：.)]|back\s*:|a\s*(?:\d{{1,4}}\s*[:.)]|[:：]))"
    r"[*_]{0,3}\s*(?=\S)",
    re.IGNORECASE,
)
_ANSWER_LINE = re.compile(
    rf"\s*[*_>]{{0,4}}\s*(?:(?:sample |model |short |correct )?(?:{labels.ANSWER}|back|{labels.SOLUTION})"
    r"\s*(?:\d{1,4}\s*)?[:：.)–—-]|a\s*(?:\d{1,4}\s*[:.)]|[:：]))",
    re.IGNORECASE,
)
_OPTION = re.compile(r"\s*(?:[-*+]\s+)?(?:\[[ xX]\]|[*_`]{0,2}\(?[A-Ha-h][.):\]])")
_TASK = re.compile(r"\s*\[[ xX]\]\s+")
_LAST_MARK = re.compile(r"[?？][\"”’)*_`]*\s+(?=\S)")
_PLACE = re.compile(r"\]\([^()\s]*#")  # a link to a place in a page
_ASKED = re.compile(rf"{labels.QUESTION}|^q$|front|prompt|problem", re.IGNORECASE)
_LINKS_BEHIND = re.compile(
    r"(?<=\S)\s+[-–—:|]\s+(?P<links>\[[^\[\]]+\]\([^()\s]+\)(?:(?:,|\s|\band\b)*\[[^\[\]]+\]\([^()\s]+\))*)\s*$"
)
_CARD = re.compile(
    r"(?!\.\.)(?P<front>\S.*?)(?:(?<=\s)|(?<=[?？.!`)]))(?::{2,3})(?!:)\s*(?P<back>\S.*)"
)  # “Why? :: So.”
_NARROW_CARD = re.compile(r"(?!\.\.)(?P<front>\S.*?):{2,3}(?!:)\s*(?P<back>\S.*)")  # “Big O of a sort::O(n)”
_TURN = re.compile(r"\s*\?\??\s*")  # a line between the two sides of a card
_CODE = re.compile(r"`[^`]*`")
_LONGEST_TITLE = 400
_LAST_LINK = re.compile(r"\s*\[[^\[\]]*\]\([^()\s]*\)\s*$")
_LONGEST_IN_LINES = 3  # of a title whose question mark stands in a later line than its number
_LOOKED_AT = 20  # candidates behind one, so that many take no time by their square
_MOST_LINES = 8  # looked at for a title: a paragraph may be the whole page
_WRAPPED = 60  # a shorter line ends by itself, not because it is full
_BLANK = 5  # lines looked at for an answer below a question
_NARROW = 30  # the same in a narrow column, where the next line goes on in small letters


@dataclass
class Candidate:
    style: Style
    start: int  # the first line of its title
    end: int  # the first line behind its title
    title: Title
    block: Block
    rest: str = ""  # what stands behind the title in its own lines and answers it
    close: int | None = None  # the line that closes what a click opens
    head: int | None = None  # the line directly above that names what follows
    cells: tuple[str, str] | None = None  # (difficulty, topics) of a row
    is_furniture: bool = False  # whether its words are those of a part of the page that asks nothing
    is_renamed: bool = False  # whether its words stand elsewhere, in the contents of the page

    @property
    def number(self) -> int | None:
        """The number of its title, or else of its item."""
        return self.title.number if self.title.number is not None else self.block.number

    @property
    def path(self) -> tuple[int, ...]:
        """Its number and those that it is nested in: (4, 2) of “4.2”."""
        return self.title.path or (() if self.block.number is None else (self.block.number,))

    @property
    def level(self) -> int:
        """The level of its heading, or 7."""
        return self.block.level if self.block.kind == "heading" else 7


class Finder:
    """Finds the candidates of one text."""

    def __init__(self, lines: list[str], blocks: Blocks, signs: levels.Signs):
        self.lines, self.blocks, self.signs = lines, blocks, signs
        self.contents = _contents(blocks.blocks, signs)
        self.asked_as = self.contents.asked_as
        self.closings = closings(lines, blocks.code)
        self.found: list[Candidate] = []
        self.opened: dict[int, int | None] = {}  # {line of a title: where that closes which holds others}

    def all(self) -> list[Candidate]:
        """All candidates, in the order of their lines."""
        previous = None
        for block in self.blocks.blocks:
            self.of_block(block)
            if block.kind == "paragraph" and (previous is None or previous.kind == "rule"):
                self.of_card(block)
            previous = block
        self.found.sort(key=lambda candidate: candidate.start)
        self.found = _without_furniture(self.found)
        self.opened = {each.start: each.close for each in self.found if self.is_group(each)}
        self.found = [each for each in self.found if each.start not in self.opened]
        return _without_contents(self.found)

    def is_group(self, candidate):
        """Whether a click on a title that does not ask opens nothing but other titles."""
        if candidate.close is None or candidate.title.asks or candidate.rest:
            return False
        at = bisect_right(self.found, candidate.start, key=lambda each: each.start)
        inside = [
            each
            for each in self.found[at : at + _LOOKED_AT]
            if each.style == candidate.style and each.start < candidate.close
        ]
        if len(inside) < 2:
            return False
        between = self.lines[candidate.end : inside[0].start]
        return not any(tidy(line).strip() for line in between)

    def add(self, style, start, end, text, block, rest="", **more):
        text = _FRONT.sub("Q: ", text)
        if len(text) > 4 * _LONGEST_TITLE:
            return
        if match := _LINKS_BEHIND.search(text):
            text, rest = text[: match.start()], f"{match['links']}\n{rest}".strip()
        title = titles.of(text, self.signs)
        if title.prefix == "q" and style[0] not in {"row", "card"}:
            style = ("q",)
        if not title.text or len(title.text) > _LONGEST_TITLE:
            return
        if furniture.is_label(title.text):
            return
        if furniture.is_stop(title.text) and title.prefix != "q":
            if title.number is None and block.number is None:
                return
            more["is_furniture"] = True
        if rest and not title.level:
            rest, level = self.level_in_front(rest)
            title = title._replace(level=level)
        self.found.append(Candidate(style, start, end, title, block, rest.strip(), **more))

    def level_in_front(self, rest):
        """What stands behind a title, without a mark of difficulty in front of it, and the difficulty."""
        match = _MARK_IN_FRONT.match(rest)
        level = levels.of_words(match["inside"]) if match else ""
        return (rest[match.end() :], level) if match and level else (rest, "")

    def of_block(self, block):
        if handle := getattr(self, f"of_{block.kind}", None):
            handle(block)

    def of_heading(self, block):
        text = block.text
        if self.asked_as and not titles.of(text, self.signs).asks:
            names = [_slug(titles.plain(text).text), *_NAMES.findall(text)]
            text = next((self.asked_as[name] for name in names if name in self.asked_as), text)
        is_renamed = text != block.text
        is_numbered = block.number is not None or titles.of(text, self.signs).prefix == "number"
        style = ("heading", block.level, "number" if is_numbered else "")
        start, end = block.start, block.text_end
        if titles.is_number_only(titles.plain(text).text):
            text, end = self.text_below(end)
            text = f"Q. {text}"
        self.add(style, start, end, text, block, is_renamed=is_renamed)

    def text_below(self, line):
        """The one line below, for a heading that has only a number; and the line behind it."""
        while line < len(self.lines) and not self.lines[line].strip():
            line += 1
        if line >= len(self.lines) or line in self.blocks.code or self.lines[line].lstrip().startswith("#"):
            return "", line
        return self.lines[line].strip(), line + 1

    def of_summary(self, block):
        first, _break, rest = block.text.partition("\n")
        if not first.strip():
            first, _break, rest = rest.strip().partition("\n")
        behind = self.lines[block.text_end - 1].partition("</summary>")[2]
        rest = "\n".join(filter(str.strip, [rest, tidy(behind.partition("</details")[0])]))
        close = self.closings.get(block.start)
        self.add(("summary",), block.start, block.text_end, first, block, rest, close=close)

    def of_term(self, block):
        style = ("term",) if block.level == 1 else ("term", block.level)
        self.add(style, block.start, block.text_end, block.text, block)

    def of_item(self, block):
        if not block.text or block.list_start in self.contents.lists:
            return
        if sides := _sides(block.text):
            self.add(("sides",), block.start, block.text_end, sides["front"], block, sides["back"])
        if _OPTION.match(block.text):
            task = _TASK.match(block.text)
            if not task or not titles.asks(titles.plain(block.text[task.end() :]).text):
                return
        text, end, rest = self.title_in(block.text, block.start, is_numbered=block.ordered)
        is_strong = bool(_STRONG.match(block.text))
        if is_strong and (found := self.marked_title(block) or self.bold_title(block)):
            text, end, rest = found
        text = _TASK.sub("", text)
        style = ("item", block.level, block.ordered, is_strong)
        self.add(style, block.start, end, text, block, rest)

    def marked_title(self, block):
        """What follows “**Q:**” in an item, if its words are not bold themselves."""
        found = titles.plain(block.text.partition("\n")[0])
        if not _ASKED_NAME.fullmatch(found.strong) or not found.rest:
            return None
        rest = block.text.partition("\n")[2]
        return self.title_in(f"Q: {found.rest}" + f"\n{rest}" * bool(rest), block.start)

    def bold_title(self, block):
        """The bold words that an item begins with, if what follows is no part of their sentence."""
        first = block.text.partition("\n")[0]
        found = titles.plain(first)
        rest = _behind(first)
        if not found.strong or not rest.strip():
            return None
        if titles.asks(found.strong) < 1 and _asks_at_all(rest):
            return None  # “**Lists:** how do you make one?”
        is_apart = re.match(r"[:–—-]\s", found.rest) or found.strong.endswith((".", "?", "!", ":"))
        return (found.strong.rstrip(":"), block.start + 1, rest) if is_apart else None

    def of_paragraph(self, block):
        if block.list_start >= 0 and not _STARTS_LIKE_Q.match(block.text):
            return
        texts = block.text.split("\n")
        self.of_cards(block, texts)
        for at, text in enumerate(texts):
            line = block.start + at
            if _STRONG.match(text):
                self.of_strong(block, texts, at)
            elif _STARTS_LIKE_Q.match(text):
                title, end, rest = self.title_in("\n".join(_few(texts, at)), line)
                if titles.without_prefix(_FRONT.sub("Q: ", titles.plain(title).text))[1] == "q":
                    self.add(("q",), line, end, title, block, rest)
            elif _STARTS_LIKE_NUMBER.match(text):
                title, end, rest = self.title_in("\n".join(_few(texts, at)), line, is_numbered=True)
                depth = len(titles.path(titles.plain(title).text))
                self.add(("numbered", depth) if depth > 1 else ("numbered",), line, end, title, block, rest)
        self.of_later_lines(block, texts)
        first = texts[0].strip()
        has_style = _STRONG.match(first) or _STARTS_LIKE_NUMBER.match(first)
        if "?" in block.text and not has_style and len(first) < _LONGEST_TITLE:
            title, end, rest = self.title_in(block.text, block.start)
            if titles.asks(titles.plain(title).text) == 1:
                self.add(("ask",), block.start, end, title, block, rest)

    def of_later_lines(self, block, texts):
        """Questions directly below something else: the answer of the one before, or a heading."""
        for at, (above, text) in enumerate(pairwise(texts), start=1):
            line = block.start + at
            words = text.strip()
            is_apart = above.rstrip().endswith((".", "!", ":")) or _width(above) < _WRAPPED
            if not is_apart or not words[:1].isupper() or not words.endswith("?") or _begins_anew(words):
                continue
            is_last = at + 1 == len(texts)
            if is_last or _column(self.lines[line]) < _column(self.lines[line + 1]):
                is_head = at == 1 and _column(self.lines[line - 1]) < _column(self.lines[line])
                self.add(("ask",), line, line + 1, words, block, head=line - 1 if is_head else None)

    def of_strong(self, block, texts, at):
        """A line that begins in bold: the bold words are the title, or it is all of a title."""
        text, end = texts[at], block.start + at + 1
        while text.count("**") % 2 and end - block.start < min(at + 4, len(texts)):
            text, end = f"{text} {texts[end - block.start]}", end + 1
        found = titles.plain(text)
        if not found.strong:
            return
        rest = found.rest
        bold = titles.of(found.strong, self.signs)
        start = block.start + at
        if rest and levels.split(f"x {rest}", self.signs)[0] == "x":
            self.add(("bold",), start, end, found.text, block)
        elif _ASKED_NAME.fullmatch(found.strong) and rest:
            title, end, rest = self.title_in(
                "\n".join([f"Q: {rest}", *_few(texts, end - block.start)]), start
            )
            self.add(("q",), start, end, title, block, rest)
        elif bold.prefix == "q" or titles.is_number_only(found.strong.rstrip(":.")):
            if bold.asks or not rest:
                self.add(("q",), start, end, found.strong, block, _behind(text))
            else:
                title, end, rest = self.title_in("\n".join([text, *_few(texts, end - block.start)]), start)
                self.add(("q",), start, end, title, block, rest)
        elif not rest or rest in "?.:":
            self.add(("bold",), start, end, found.text, block)
        elif bold.asks == 1:
            self.add(("bold",), start, end, found.strong, block, _behind(text))
        elif re.fullmatch(r"(?:\d{1,4}[.)]?)", found.strong):
            title, end, rest = self.title_in("\n".join([text, *_few(texts, end - block.start)]), start)
            self.add(("numbered",), start, end, title, block, rest)

    def of_cards(self, block, texts):
        """Cards of one line each, with two colons between their sides; or of one that has a line for them."""
        for at, text in enumerate(texts):
            if sides := _sides(text):
                line = block.start + at
                self.add(("sides",), line, line + 1, sides["front"], block, sides["back"])
        turn = next((at for at, text in enumerate(texts) if at and _TURN.fullmatch(text)), None)
        if turn is not None and turn + 1 < len(texts):
            front, back = " ".join(texts[:turn]), "\n".join(texts[turn + 1 :])
            self.add(("sides",), block.start, block.end, front, block, back)

    def of_card(self, block):
        text, end, rest = self.title_in(block.text, block.start)
        self.add(("card",), block.start, end, text, block, rest)

    def of_table(self, block):
        head = cells_of(self.lines[block.start])
        roles = [role_of(titles.plain(cell).text) for cell in head]
        asked = [cell for cell, role in zip(head, roles, strict=True) if role == "question"]
        if not any(_ASKED.search(titles.plain(cell).text) for cell in asked):
            return
        names = [role or titles.plain(cell).text for cell, role in zip(head, roles, strict=True)]
        rows = [
            (line, dict(zip(names, cells_of(self.lines[line]), strict=False)))
            for line in range(block.start + 2, block.end)
        ]
        rows = [(line, row) for line, row in rows if row.get("question")]
        if "answer" not in roles:
            self.note_levels(rows)
            if sum(bool(_PLACE.search(row["question"])) for _line, row in rows) > len(rows) / 2:
                return
        for line, row in rows:
            cells = (row.get("difficulty", ""), row.get("topics", ""))
            style = ("row",) if "answer" in roles else ("bare row",)
            others = [
                cell if _LAST_LINK.fullmatch(cell) else f"{name}: {cell}"
                for name, cell in row.items()
                if name not in roles and name and cell
            ]
            answer = "\n\n".join(filter(None, [row.get("answer", ""), *others]))
            self.add(style, line, line + 1, row["question"], block, answer, cells=cells)

    def note_levels(self, rows):
        """The difficulties that a table of contents gives."""
        for _line, row in rows:
            title = titles.of(row["question"], self.signs)
            if level := levels.of_value(titles.plain(row.get("difficulty", "")).text):
                self.contents.levels[_folded(title.text)] = level

    def level_in_contents(self, title):
        """The difficulty that the contents of the page give a title."""
        return self.contents.levels.get(_folded(title), "")

    def title_in(self, text, start, *, is_numbered=False):
        """The title that `text` begins with, the line behind it, and what stands behind it in its line."""
        lines = text.split("\n")
        count = self.lines_to_answer(lines, start) or (is_numbered and self.lines_to_mark(lines))
        count = count or self.lines_of_title(lines)
        title, rest = " ".join(line.strip() for line in lines[:count]), ""
        if match := _answer_behind(title):
            title, rest = title[: match.start()], title[match.end() :]
        elif titles.asks(titles.plain(title).text) != 1:
            title, rest = _split_at_mark(title)
        return title, start + count, rest

    def lines_to_answer(self, lines, start):
        """How many lines stand from “Question 7:” to “Answer:”; 0 where nothing is marked so."""
        if not _STARTS_LIKE_Q.match(lines[0]):
            return 0
        behind = range(start + len(lines), min(start + len(lines) + _BLANK, len(self.lines)))
        below = next((self.lines[line] for line in behind if self.lines[line].strip()), "")
        count = next((at for at, line in enumerate(lines) if _ANSWER_LINE.match(line)), len(lines))
        if count == len(lines) and not (_ANSWER_LINE.match(below) and self.ends_at(start + count)):
            return 0
        return 0 if any(map(_begins_anew, lines[1:count])) else count

    def lines_to_mark(self, lines):
        """How many lines a numbered title has up to the question mark that ends it; 0 if it is one line."""
        count = next((at for at, line in enumerate(lines[1:], start=1) if _begins_anew(line)), len(lines))
        if not 1 < count <= _LONGEST_IN_LINES or lines[0].rstrip().endswith(("?", "？", ".", ":", "!")):
            return 0
        return count if lines[count - 1].rstrip().endswith(("?", "？")) else 0

    def ends_at(self, line):
        """Whether no text goes on in a line."""
        return line >= len(self.lines) or not self.lines[line].strip()

    def lines_of_title(self, lines):
        """Over how many lines a title runs: to its question mark, or to the end of its sentence."""
        for count, line in enumerate(lines[:6], start=1):
            following = lines[count] if count < len(lines) else ""
            if not following or _ANSWER_LINE.match(following) or _OPTION.match(following):
                return count
            if titles.asks(levels.split(titles.plain(line).text, self.signs)[0]) == 1:
                return count
            if line.endswith(("  ", "\\", ":", ".", "<br>", "<br/>", "<br />")) or _begins_anew(following):
                return count
            is_narrow = following[0].islower() and _STARTS_LIKE_Q.match(lines[0])
            if _width(line) < (_NARROW if is_narrow else _WRAPPED):
                return count
        return 1 if len(lines) > 6 else len(lines)


def _sides(line):
    """The two sides of a card of one line; the colons between them stand in no code."""
    if "::" not in line or "\n" in line:
        return None
    bare = _CODE.sub(lambda match: "x" * len(match[0]), line)
    match = _CARD.match(bare) or _NARROW_CARD.match(bare)
    return {side: line[slice(*match.span(side))] for side in ("front", "back")} if match else None


def _column(line):
    """How far a line is indented."""
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


def _width(line):
    """How wide a line is: the signs of Chinese, Japanese and Korean take twice the room."""
    return len(line) + sum(sign >= "\u2e80" for sign in line)


def _asks_at_all(markdown):
    """Whether a text asks, whatever link stands behind it, or sets a task and does no more."""
    text = _LAST_LINK.sub("", markdown).strip()
    asks = titles.asks(titles.plain(text).text)
    return asks == 1 or (asks > 0 and text != markdown.strip())


def _begins_anew(line):
    """Whether a line begins a question or an option of its own."""
    return any(start.match(line) for start in (_STARTS_LIKE_Q, _STARTS_LIKE_NUMBER, _OPTION))


def _few(texts, at):
    """The lines from `at` on in which a title may end."""
    return texts[at : at + _MOST_LINES]


def _behind(markdown):
    """What stands behind the bold beginning of a line, as Markdown."""
    match = re.match(r"\s*(\*\*|__)(?P<strong>.+?)\1[:.]?(?P<rest>.*)", markdown, re.DOTALL)
    match = match or re.match(
        r"\s*<(b|strong)\b[^>]*>(?P<strong>.+?)</\1>[:.]?(?P<rest>.*)", markdown, re.DOTALL | re.IGNORECASE
    )
    rest = match["rest"] if match else titles.plain(markdown).rest
    return re.sub(r"^\s*(?:[:–—-]\s+)?(?:<br\s*/?>)?", "", rest)


def _answer_behind(title):
    """Where in “Q: What is it? A: This.” the answer begins."""
    match = _ANSWER_BEHIND.search(title, 8)
    if match and title[: match.start()].rstrip(" *_").endswith(("?", ".", "？", "。")):
        return match
    return None


def _split_at_mark(title):
    """A title and what follows its last question mark, if that says something of its own."""
    match = None
    for match in _LAST_MARK.finditer(title):  # noqa: B007
        pass
    if not match or ("`" in title[match.end() :] and title[: match.end()].count("`") % 2):
        return title, ""
    rest = title[match.end() :]
    apart = re.match(r"[-–—:→=]+>?\s+", rest)
    if apart and not levels.of_words(rest):
        return title[: match.end()].rstrip(), rest[apart.end() :]
    if len(rest.split()) < 4 or titles.asks(titles.plain(rest).text):
        return title, ""
    if title[: match.end()].count("(") > title[: match.end()].count(")"):
        return title, ""
    return title[: match.end()], rest


def cells_of(row: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    cells = re.split(r"(?<!\\)\|", row.strip())
    cells = cells[cells[0] == "" : len(cells) - (len(cells) > 1 and cells[-1].strip() == "")]
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _without_furniture(found):
    """The candidates but for the furniture of the page: “4. Comments” is none between a third and a fifth."""
    by_style = defaultdict(list)
    for each in found:
        by_style[each.style].append(each)
    dropped = {each.start for members in by_style.values() for each in _uncounted(members)}
    return [each for each in found if not each.is_furniture or each.start not in dropped]


def _uncounted(members):
    """The furniture among candidates of a style that does not stand in the middle of their numbers."""
    numbers = [each.number for each in members]
    following = None  # the number of the next one that counts
    for at in range(len(members) - 1, -1, -1):
        is_counted = at and following and numbers[at - 1 : at + 1] == [following - 2, following - 1]
        if members[at].is_furniture and not is_counted:
            following = None
            yield members[at]
        else:
            following = numbers[at]


# Contents


def _without_contents(found):
    """The candidates but for those of lists that repeat titles which stand elsewhere in the page."""
    elsewhere = {_folded(each.title.text) for each in found if not _is_listed(each)}
    lists = defaultdict(list)
    for each in found:
        if _is_listed(each):
            lists[_list_of(each)].append(_folded(each.title.text) in elsewhere)
    contents = {start for start, items in lists.items() if sum(items) >= 0.5 * len(items)}
    return [each for each in found if not _is_listed(each) or _list_of(each) not in contents]


def _is_listed(candidate):
    return candidate.block.kind == "item" or candidate.style == ("bare row",)


def _list_of(candidate):
    return candidate.block.list_start if candidate.block.kind == "item" else candidate.block.start


def _folded(text):
    return re.sub(r"\W+", "", text.casefold())


@dataclass
class Contents:
    """The lists that only lead to other places in the page, and how they call these."""

    lists: set[int]
    asked_as: dict[str, str]  # {address in the page: the question that leads there}
    levels: dict[str, str]  # {folded title: the difficulty that the contents give it}


_INTERNAL = re.compile(r"\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?#(?P<target>[^)\s>]*)")
_NAMES = re.compile(r"""\b(?:name|id)=["']?([\w.-]+)""", re.IGNORECASE)


def _contents(blocks, signs):
    items: defaultdict[int, int] = defaultdict(int)
    inside: defaultdict[int, int] = defaultdict(int)
    asked_as: dict[str, str] = {}
    marked: dict[str, str] = {}
    for block in blocks:
        if block.kind != "item" or not block.text:
            continue
        items[block.list_start] += 1
        if match := _INTERNAL.search(block.text):
            inside[block.list_start] += 1
            title = titles.of(match["text"], signs)
            if title.asks:
                asked_as[match["target"].casefold()] = match["text"]
            if level := title.level or titles.of(block.text, signs).level:
                marked[_folded(title.text)] = level
    lists = {start for start, count in inside.items() if count >= items[start] / 2}
    return Contents(lists, asked_as, marked)


def _slug(text):
    """The address of a heading in a page, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", text.casefold().replace("`", "")).strip().replace(" ", "-")


def closings(lines: list[str], code: set[int]) -> dict[int, int]:
    """`{line of a summary: line of the tag that closes what it opens}`."""
    opened: list[list[int]] = []
    found: dict[int, int] = {}
    for number, line in enumerate(lines):
        if "<" not in line or number in code:
            continue
        for tag in _DETAILS.finditer(line):
            name = tag[0].casefold()
            if name.startswith("<details"):
                opened.append([])
            elif name.startswith("<summary") and opened:
                opened[-1].append(number)
            elif name.startswith("</details") and opened:
                for summary in opened.pop():
                    found[summary] = number
    return found


_DETAILS = re.compile(r"(?<!\\)<(?:details|summary)\b|(?<!\\)</details\b", re.IGNORECASE)
