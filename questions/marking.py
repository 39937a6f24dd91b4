"""Two texts of HTML beside each other, with a mark at the words in which they differ.

Both are the site's own safe HTML. Its tags are never taken apart: a mark surrounds a run of words within
one element, so code, tables and lists stay whole. A formula is one word. The same words with another
emphasis or another link count as different.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from .differences import MOST_PAIRS, Matcher

# A formula or a drawing, a tag, a word with the space behind it, or space.
_PIECE = re.compile(
    r'<(math|svg)\b.*?</\1>|<(?:[^<>"]|"[^"]*")*>|(?:&#?\w+;|\d+(?:[.,]\d+)*|\w+|[^\w\s])\s*|\s+',
    re.DOTALL,
)
_TAG = re.compile(r"<(/?)(\w+)")
_INLINE = {"a", "code", "em", "s", "span", "strong", "sub", "sup"}  # they say how a word is set
_VOID = {"br", "hr"}
_LIST = re.compile(r"(<(ul|ol)\b[^>]*>)(.*)(</\2>\s*)", re.DOTALL)
# Footnotes are named by a digest of their text, which no reader sees.
_FOOTNOTE = re.compile(r'((?: id="|href="#)fn(?:ref)?-)[0-9a-f]{8}')
_SHORT = 2  # words between two changes that count as changed, too: single ones make nobody the wiser


class Pair(NamedTuple):
    """A run of one text and what it is in the other; `is_same` where they do not differ."""

    before: str
    after: str
    is_same: bool


def marked(before: str, after: str, *, only_different: bool = False) -> tuple[SafeString, SafeString]:
    """Both texts of HTML: in the first the words that the second has not as `<del>`, there `<ins>`.

    With `only_different`, a note takes the place of paragraphs and entries that are the same in both.
    """
    pairs = list(_pairs(before, after, only_different and "p"))
    sides = "".join(pair.before for pair in pairs), "".join(pair.after for pair in pairs)
    first, second = (_with_own_footnotes(html, side) for html, side in zip(sides, "ab", strict=True))
    return mark_safe(first), mark_safe(second)


def _with_own_footnotes(html, side):
    """Both texts share a page, so a link to a footnote has to lead to that of its own text."""
    return re.sub(r'((?: id="|href="#))(fn(?:ref)?-)', rf"\1{side}-\2", html)


def _pairs(before: str, after: str, notes: str | bool) -> Iterator[Pair]:
    """The blocks of both texts side by side; `notes` is their kind: "p", or "ul" or "ol" within a list."""
    old, new = list(_blocks(before)), list(_blocks(after))
    keys = [[_FOOTNOTE.sub(r"\1", block) for block in blocks] for blocks in (old, new)]
    for change, a, b, c, d in Matcher(*keys).get_opcodes():
        left, right = "".join(old[a:b]), "".join(new[c:d])
        if change != "equal":
            yield _marked_pair(old[a:b], new[c:d], bool(notes))
        elif notes:
            yield Pair(_note(notes, b - a, b), _note(notes, b - a, d), True)
        else:
            yield Pair(left, right, True)


def _note(kind, number, last):
    """What stands for a `number` of blocks; `last` is the number of the last of them in a numbered list."""
    if kind == "p":
        text = ngettext("%(n)s paragraph unchanged", "%(n)s paragraphs unchanged", number) % {"n": number}
        return format_html('<p class="unchanged">{}</p>', text)
    text = ngettext("%(n)s entry unchanged", "%(n)s entries unchanged", number) % {"n": number}
    value = format_html(' value="{}"', last) if kind == "ol" else ""
    return format_html('<li class="unchanged"{}>{}</li>', value, text)


def _marked_pair(old, new, only_different):
    lists = [_LIST.fullmatch(block[0]) if len(block) == 1 else None for block in (old, new)]
    left, right = lists
    if left and right and left[1] == right[1]:
        pairs = list(_pairs(left[3], right[3], only_different and left[2]))
        inner = "".join(pair.before for pair in pairs), "".join(pair.after for pair in pairs)
        return Pair(left[1] + inner[0] + left[4], right[1] + inner[1] + right[4], False)
    before, after = _Text("".join(old)), _Text("".join(new))
    _compare(before, after)
    if before.changed or after.changed:
        return Pair(before.html("del"), after.html("ins"), False)
    # The same words in other paragraphs, say.
    return Pair(_whole("del", "".join(old)), _whole("ins", "".join(new)), False)


def _whole(tag, html):
    return f"<{tag}>{html}</{tag}>" if html.strip() else html


def _blocks(html: str) -> Iterator[str]:
    """The outermost elements of `html`, each with the space behind it."""
    depth, start, ended = 0, 0, False
    for match in _PIECE.finditer(html):
        piece = match[0]
        if ended and not piece.isspace():
            yield html[start : match.start()]
            start, ended = match.start(), False
        depth += _deeper(piece)
        ended = ended or (depth == 0 and piece.startswith("<"))
    if html[start:]:
        yield html[start:]


def _deeper(piece):
    """By how much the elements are nested deeper after `piece`."""
    tag = _TAG.match(piece)
    if not tag or tag[2] in {"math", "svg", *_VOID}:
        return 0
    return -1 if tag[1] else 1


class _Text:
    """HTML as pieces; those that are compared have keys, and `changed` are the places of those to mark."""

    def __init__(self, html: str):
        self.pieces = [match[0] for match in _PIECE.finditer(html)]
        self.changed: set[int] = set()
        self.places: list[int] = []
        self.keys: list[str] = []
        around: list[str] = []  # the inline elements that are open
        for place, piece in enumerate(self.pieces):
            tag = _TAG.match(piece)
            if tag and tag[2] in _INLINE:
                around = around[:-1] if tag[1] else [*around, _how_set(piece, tag[2])]
            elif not piece.isspace():
                self.places.append(place)
                self.keys.append("".join([*around, piece.strip()]))

    def is_tag(self, place: int) -> bool:
        return self.pieces[place].startswith("<") and not self.pieces[place].startswith(("<math", "<svg"))

    def mark(self, start: int, end: int) -> None:
        """Mark the words among the compared pieces from `start` to `end`."""
        self.changed |= {place for place in self.places[start:end] if not self.is_tag(place)}

    def is_short(self, start: int, end: int) -> bool:
        return end - start <= _SHORT and not any(map(self.is_tag, self.places[start:end]))

    def html(self, tag: str) -> str:
        """The text, with what changed in elements `tag`."""
        parts, run = [], ""
        for place, piece in enumerate(self.pieces):
            if place in self.changed:
                run += piece
                continue
            parts += [_surrounded(tag, run), piece]
            run = ""
        return "".join([*parts, _surrounded(tag, run)])


def _how_set(piece, tag):
    return "" if tag == "span" else _FOOTNOTE.sub(r"\1", piece)


def _surrounded(tag, run):
    words = run.rstrip()
    return f"<{tag}>{words}</{tag}>{run[len(words) :]}" if words else run


def _compare(before: _Text, after: _Text) -> None:
    """Mark in both what the other has not."""
    matcher = Matcher(before.keys, after.keys)
    if matcher.pairs() > MOST_PAIRS:  # it would take too long to tell which of its words
        before.mark(0, len(before.keys))
        after.mark(0, len(after.keys))
        return
    changes = matcher.get_opcodes()
    for number, (change, a, b, c, d) in enumerate(changes):
        is_between = 0 < number < len(changes) - 1
        if change != "equal" or (is_between and before.is_short(a, b)):
            before.mark(a, b)
            after.mark(c, d)
