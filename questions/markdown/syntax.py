"""The Markdown that is read here: CommonMark with tables, strikethrough, footnotes and formulas.

Where CommonMark or its usual extensions would drop words, these rules keep them, or note the line in
`env["lost"]`: nothing is lost in silence.
"""

import re
import unicodedata

from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import table as gfm_table
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from . import formulas, typography

MAX_DEPTH = 24  # of blocks in blocks; a list in a list counts twice
_MAX_COLUMNS = 64
_MAX_EMPTY_CELLS = 2_000  # that a table's short rows are filled up with

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdfd\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LETTER = re.compile(r"[^\W\d_]")


def parser():
    md = MarkdownIt()
    md.inline = _Inline()
    md.configure("commonmark", {"html": False, "maxNesting": MAX_DEPTH + 3})
    md.enable(["table", "strikethrough"])
    footnote_plugin(md, inline=False)
    md.inline.ruler.at("footnote_ref", _footnote_ref)
    md.core.ruler.before("footnote_tail", "footnote_lines", _footnote_lines)
    md.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("table", "too_deep", _too_deep)
    formulas.add_to(md)
    typography.add_to(md)
    md.core.ruler.before("typography", "bare_addresses", _bare_addresses)
    md.core.ruler.push("directions", _directions)
    return md


def line_parser():
    """One line of text, in which nothing but code is marked."""
    md = MarkdownIt("zero")
    md.enable("backticks")
    typography.add_to(md)
    return md


# Emphasis beside Chinese, Japanese and Korean


class _State(StateInline):
    def scanDelims(self, start, canSplitWord):
        """What a run of `*`, `_` or `~` may do, by the letters beside it.

        CommonMark takes `**「重要」**な` for no emphasis: a run beside punctuation must have a space or
        punctuation on its other side, and these scripts write no spaces. So, as in the CJK-friendly
        amendments to CommonMark (github.com/tats-u/markdown-cjk-friendly), punctuation of these
        scripts counts as a letter, and a letter of theirs on the other side is as good as a space.
        """
        end, marker = start, self.src[start]
        while end < self.posMax and self.src[end] == marker:
            end += 1
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[end] if end < self.posMax else " "
        if before.isascii() and after.isascii():
            return super().scanDelims(start, canSplitWord)
        mark_before, mark_after = _is_mark(before), _is_mark(after)
        space_before, space_after = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        opens = not space_after and (not mark_after or space_before or mark_before or _is_cjk(before))
        closes = not space_before and (not mark_before or space_after or mark_after or _is_cjk(after))
        if not canSplitWord:  # `_` stays as CommonMark has it
            opens, closes = (
                opens and (not closes or _is_punctuation(before)),
                closes and (not opens or _is_punctuation(after)),
            )
        return Scanned(opens, closes, end - start)


class _Inline(ParserInline):
    def parse(self, src, md, env, tokens):
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _is_punctuation(letter):
    return isMdAsciiPunct(ord(letter)) or isPunctChar(letter)


def _is_mark(letter):
    """Punctuation that is none of these scripts' own."""
    return _is_punctuation(letter) and not _is_cjk(letter)


def _is_cjk(letter):
    # Emoji are wide, too, but are neither of these scripts nor letters.
    return unicodedata.east_asian_width(letter) in "WFH" and not "\U0001f000" <= letter < "\U00020000"


# Blocks


def _too_deep(state, start_line, end_line, silent):
    """Show what is nested too deep as it was typed; the parser would leave it out."""
    if silent or state.level <= MAX_DEPTH:
        return False
    line = start_line
    while line < end_line and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        line += 1
    _note(state, start_line, _("nested too deep: shown as it was typed"))
    token = state.push("code_block", "code", 0)
    token.content = state.getLines(start_line, line, state.blkIndent, False).rstrip() + "\n"
    token.map = [start_line, line]
    state.line = line
    return True


def _note(state, line, reason):
    state.env.setdefault("lost", []).append((line, reason))


_DELIMITER = re.compile(r"\s*:?-+:?\s*")
_CELL_END = re.compile(r"(?<!\\)\|")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_BAR = "\ufdd0"  # in place of a bar that ends no cell; a noncharacter, so no text holds one


def _table(state, start_line, end_line, silent):
    """A table, in which a bar within code ends no cell where the row would have too many cells.

    GitHub's rule splits `` `a || b` `` into cells and drops those that are too many.
    """
    columns = _columns(state, start_line + 1, end_line)
    if not columns or start_line < state.env.get("no_table_before", 0):
        return False
    # The head first: to look through all rows of what is no table takes time in the square of the lines.
    rows = {start_line: _fitted(_row(state, start_line), columns)}
    if not _gfm_table(state, rows, start_line, end_line, silent=True):
        return False
    widths = {}
    if columns <= _MAX_COLUMNS:
        if silent:
            return True
        last = _last_row(state, start_line, end_line)
        rows |= {line: _fitted(_row(state, line), columns) for line in range(start_line + 2, last + 1)}
        widths = {line: len(_cells(row)) for line, row in rows.items()}
    if not widths or sum(max(columns - width, 0) for width in widths.values()) > _MAX_EMPTY_CELLS:
        if not silent:
            _note(state, start_line, _("a table too large for a page: shown as it was typed"))
            state.env["no_table_before"] = max(rows) + 1  # its rows are not looked through again
        return False
    known = len(state.tokens)
    found = _gfm_table(state, rows, start_line, end_line, silent=False)
    for token in state.tokens[known:]:
        token.content = token.content.replace(_BAR, "|")
    if found:
        for line, width in widths.items():
            if line < state.line and width > columns:
                _note(state, line, _("a row with more cells than the table has columns: they are not shown"))
    return found


def _gfm_table(state, rows, start_line, end_line, *, silent):
    """GitHub's rule, on a text with the lines `rows` in place of its own, which are as long."""
    src = state.src
    for line, row in rows.items():
        if _BAR in row:
            start = state.bMarks[line] + state.tShift[line]
            state.src = state.src[:start] + row + state.src[start + len(row) :]
    try:
        return gfm_table(state, start_line, end_line, silent)
    finally:
        state.src = src


def _columns(state, line, end_line):
    """How many columns a table has whose row of dashes is `line`; 0 if it is none."""
    row = _row(state, line) if line < end_line else ""
    if row[:1] not in {"|", "-", ":"} or not set(row) <= set("|-: \t"):
        return 0
    cells = _cells(row)
    return len(cells) if all(map(_DELIMITER.fullmatch, cells)) else 0


def _last_row(state, start_line, end_line):
    """The last row of the table at `start_line`: it ends where GitHub's rule will end it."""
    terminators = state.md.block.ruler.getRules("blockquote")
    line = start_line + 1
    while line + 1 < end_line:
        following = line + 1
        if state.isEmpty(following) or state.sCount[following] < state.blkIndent:
            break
        if state.is_code_block(following):
            break
        if any(ends(state, following, end_line, True) for ends in terminators):
            break
        line = following
    return line


def _row(state, line):
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _fitted(row, columns):
    if "`" not in row or len(_cells(row)) <= columns:
        return row
    return _CODE_SPAN.sub(lambda span: re.sub(r"(?<!\\)\|", _BAR, span[0]), row)


def _cells(row):
    cells = _CELL_END.split(row.strip())
    return cells[cells[0] == "" : len(cells) - (cells[-1] == "")]


# Inline


_NOTE_REF = re.compile(r"\[\^([^\]\s]{1,80})\]")


def _footnote_ref(state, silent):
    """`[^label]` of a footnote that there is; the plugin's own rule is slow on many that there are not."""
    notes = state.env.get("footnotes", {})
    match = _NOTE_REF.match(state.src, state.pos, state.posMax) if notes.get("refs") else None
    label = match and f":{match[1]}"
    if label not in notes.get("refs", ()):
        return False
    if not silent:
        number = notes["refs"][label]
        if number < 0:
            number = notes["refs"][label] = len(notes["list"])
            notes["list"][number] = {"label": match[1], "count": 0}
        token = state.push("footnote_ref", "", 0)
        token.meta = {"id": number, "subId": notes["list"][number]["count"], "label": match[1]}
        notes["list"][number]["count"] += 1
    state.pos = match.end()
    return True


def _footnote_lines(state):
    """Remember where notes stand: those that nothing refers to leave no trace among the tokens."""
    opened = (token for token in state.tokens if token.type == "footnote_reference_open")
    state.env["notes"] = [(token.meta["label"], token.map[0]) for token in opened]


# Punctuation of East Asia ends an address, for no space does there.
_ADDRESS = re.compile(
    r"(?<![\w/.@-])(?:https?://(?=[\w\[])|www\.(?=[\w-]+\.\w))"
    '[^\\s<>"“”‘’`\\\\^{}|\u3001-\u3003\u3008-\u3011\u3014-\u301f\uff01-\uff0f\uff1a-\uff20\uff5b-\uff65]'
    "{1,2000}",
    re.IGNORECASE,
)


def _bare_addresses(state):
    """Make links of addresses in the text, and keep the typographer out of every address shown."""
    for token in state.tokens:
        if token.type == "inline" and token.children and ("://" in token.content or "www." in token.content):
            token.children = list(_linked(token.children, state.md))


def _linked(tokens, md):
    depth = 0
    for token in tokens:
        if token.type == "link_open":
            depth += 1
            is_address = token.info == "auto"
        elif token.type == "link_close":
            depth -= 1
        if token.type != "text":
            yield token
        elif depth:
            token.type = "text_special" if is_address else "text"
            yield token
        else:
            yield from _pieces(token, md)


def _pieces(token, md):
    end = 0
    for match in _ADDRESS.finditer(token.content):
        shown = _trimmed(match[0])
        address = md.normalizeLink(shown if "://" in shown else f"https://{shown}")
        yield _text(token, token.content[end : match.start()])
        yield Token("link_open", "a", 1, attrs={"href": address}, level=token.level, info="auto")
        yield _text(token, shown, "text_special")
        yield Token("link_close", "a", -1, level=token.level, info="auto")
        end = match.start() + len(shown)
    yield _text(token, token.content[end:])


def _text(token, content, kind="text"):
    return Token(kind, "", 0, content=content, level=token.level)


def _trimmed(address):
    """`address` without what ends the sentence or closes the bracket around it."""
    address = address.rstrip("?!.,:;*_~'")
    for opening, closing in ("()", "[]"):
        surplus = address.count(closing) - address.count(opening)
        closings = len(address) - len(address.rstrip(closing))
        if surplus > 0 and closings:
            address = address[: -min(surplus, closings)].rstrip("?!.,:;*_~'")
    return address


# Directions


_HOLDS_BLOCKS = {"blockquote", "list_item", "footnote"}


def _directions(state):
    """Let each block of text find its direction by its first letter, and lists and tables theirs."""
    depth = 0
    for token in state.tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in _HOLDS_BLOCKS:
            depth += token.nesting
        # A block with a direction of its own does not count where the browser asks for that of the
        # block around it, so what is in a list or a quotation has none.
        if token.nesting == 1 and (
            name in {"blockquote", "list_item", "footnote", "th", "td"}
            or (name in {"paragraph", "heading"} and not depth)
        ):
            token.attrSet("dir", "auto")
    if _RTL.search(state.src):
        _right_to_left(state.tokens)


def _right_to_left(tokens):
    """Bullets and columns begin at the right where the first word after them does."""
    first = ""
    for token in reversed(tokens):
        if token.type == "inline":
            letter = _LETTER.search(token.content)
            first = letter[0] if letter else first
        elif token.type in {"bullet_list_open", "ordered_list_open", "table_open"} and _RTL.match(first):
            token.attrSet("dir", "rtl")
