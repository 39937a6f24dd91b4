"""A text as a flat list of blocks in their order: headings, items, paragraphs, code, rules, tables, terms."""

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from mdit_py_plugins.deflist import deflist_plugin

_MAX_NESTING = 40
_LONGEST_SUMMARY = 20  # lines; one that is never closed would swallow the file


@dataclass
class Block:
    """A block of the text; lines are counted from 0, `end` is the line behind it."""

    kind: str  # heading, item, paragraph, code, rule, table, quote, html, term, definition, summary
    start: int
    end: int
    text: str = ""  # its Markdown: of an item, that of its first paragraph
    level: int = 0  # of a heading, 1 to 6; of an item or a term, how many lists it is in
    ordered: bool = False
    number: int | None = None  # of an ordered item
    list_start: int = -1  # the first line of the outermost list that it stands in; -1 outside of lists
    indent: int = 0  # columns before its text
    text_end: int = 0  # behind the text that is its title


@dataclass
class Blocks:
    blocks: list[Block] = field(default_factory=list)
    code: set[int] = field(default_factory=set)  # the lines of code, fences included


def _parser():
    md = MarkdownIt("commonmark", {"html": True, "maxNesting": _MAX_NESTING})
    md.enable("table").use(deflist_plugin)
    md.disable("reference")
    md.core.ruler.enableOnly(["normalize", "block"])
    return md


_md = _parser()
_SUMMARY = re.compile(r"(?<!\\)<summary\b[^>]*>(?P<text>.*?)(?P<close></summary\s*>|$)", re.IGNORECASE)
_MARKER = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])(?:[ \t]+|$))*")


def of(lines: list[str]) -> Blocks:
    """The blocks of these lines."""
    found = Blocks()
    tokens = _md.parse("\n".join(lines))
    _Walk(lines, found).walk(tokens)
    _add_summaries(lines, found)
    found.blocks.sort(key=lambda block: (block.start, _ORDER.get(block.kind, 1)))
    return found


def _indent(line):
    match = _MARKER.match(line)
    return len(match[0]) if match else 0


def _add_summaries(lines, found):
    """The titles of what a reader opens with a click, wherever they stand; they hold no blocks."""
    summaries = list(_summaries(lines, found.code))
    inside = {line for block in summaries for line in range(block.start + 1, block.end)}
    found.blocks = [block for block in found.blocks if block.start not in inside] + summaries


_ORDER = {"item": 0}  # an item stands before what it begins with


class _Walk:
    """One pass over the tokens of a text."""

    def __init__(self, lines, found):
        self.lines, self.found = lines, found
        self.lists = []  # (first line, ordered) of each list around
        self.quotes = 0
        self.definitions = 0  # how many lists of definitions are around
        self.item: Block | None = None  # one whose first paragraph has not come yet
        self.inside: Block | None = None  # what the next inline text belongs to

    def walk(self, tokens):
        for token in tokens:
            if handle := getattr(self, f"on_{token.type}", None):
                handle(token)

    def on_blockquote_open(self, token):
        if not self.quotes and not self.lists:
            self.add("quote", token)
        self.quotes += 1

    def on_blockquote_close(self, token):
        self.quotes -= 1

    def on_bullet_list_open(self, token):
        self.lists.append((token.map[0], False))

    def on_ordered_list_open(self, token):
        self.lists.append((token.map[0], True))

    def on_bullet_list_close(self, token):
        self.lists.pop()

    on_ordered_list_close = on_bullet_list_close

    def on_list_item_open(self, token):
        ordered = self.lists[-1][1]
        number = int(token.info) if ordered and token.info.isdigit() else None
        self.item = self.add("item", token, level=len(self.lists), ordered=ordered, number=number)
        self.item.text_end = token.map[0] + 1

    def on_list_item_close(self, token):
        self.item = None

    def on_heading_open(self, token):
        self.inside = self.add("heading", token, level=int(token.tag[1]))
        self.inside.text_end = token.map[1]
        if self.item is not None:
            self.inside.number = self.item.number if self.item.ordered else None
            self.item.text, self.item = "", None

    def on_paragraph_open(self, token):
        if self.item is not None:
            self.inside, self.item = self.item, None
            self.inside.text_end = token.map[1]
        else:
            self.inside = self.add("paragraph", token)

    def on_inline(self, token):
        if self.inside:
            self.inside.text, self.inside = token.content, None

    def on_dl_open(self, token):
        self.definitions += 1

    def on_dl_close(self, token):
        self.definitions -= 1

    def on_dt_open(self, token):
        self.inside = self.add("term", token, level=self.definitions)
        self.inside.end = self.inside.text_end = token.map[0] + 1

    def on_dd_open(self, token):
        self.add("definition", token)

    def on_fence(self, token):
        self.item = None
        self.add("code", token)
        self.found.code.update(range(*token.map))

    on_code_block = on_fence

    def on_hr(self, token):
        self.add("rule", token)

    def on_html_block(self, token):
        self.item = None
        self.add("html", token)

    def on_table_open(self, token):
        self.item = None
        self.add("table", token)

    def add(self, kind, token, **more):
        start, end = token.map
        indent = _indent(self.lines[start]) if start < len(self.lines) else 0
        list_start = self.lists[0][0] if self.lists else -1
        block = Block(kind, start, end, indent=indent, list_start=list_start, **more)
        if not self.quotes or kind == "quote":
            self.found.blocks.append(block)
        return block


def _summaries(lines, code):
    start, parts = None, []
    for number, line in enumerate(lines):
        if number in code:
            continue
        if start is None:
            match = _SUMMARY.search(line)
            if not match:
                continue
            start, parts, is_closed = number, [match["text"]], bool(match["close"])
        else:
            text, close, _rest = line.partition("</summary")
            parts.append(text)
            is_closed = bool(close) or number - start > _LONGEST_SUMMARY
        if is_closed:
            yield Block("summary", start, number + 1, "\n".join(parts).strip(), text_end=number + 1)
            start = None
