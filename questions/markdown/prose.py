"""The sentences of a text as plain text."""

import re

ENOUGH = 2_000  # characters of Markdown that hold a summary, but for a text that begins with much code

_SPACE = re.compile(r"\s+")
_PAUSE = re.compile(r"[.!?:;,…。！？：；，、][)\]”’\"]*$")
_NO_SENTENCES = {"heading_open", "table_open", "footnote_block_open"}


def of(tokens):
    """The paragraphs and list entries of `tokens` on one line."""
    parts, skipped_to, depth = [], None, 0
    for token in tokens:
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if token.type in _NO_SENTENCES:
            skipped_to = token.type.replace("_open", "_close")
        elif token.type == skipped_to:
            skipped_to = None
        elif token.type == "inline" and not skipped_to:
            text = _SPACE.sub(" ", "".join(map(_text, token.children or []))).strip()
            parts += [(text, depth > 0)] if text else []
    return " ".join(
        f"{text}{_end(text, is_entry, parts[n + 1 : n + 2])}" for n, (text, is_entry) in enumerate(parts)
    )


def _end(text, is_entry, following):
    """What ends a part where it has no stop of its own, as an entry of a list has none."""
    if not following or _PAUSE.search(text):
        return ""
    return ";" if is_entry and following[0][1] else "."


def _text(token):
    if token.type in {"softbreak", "hardbreak"}:
        return " "
    if token.type == "image":
        return "".join(map(_text, token.children or []))
    return token.content  # of text, code and formulas; other tokens have none


def shortened(text, length):
    """`text` in at most `length` characters, cut between words where it has any."""
    if len(text) <= length:
        return text
    words = text[:length].rsplit(" ", 1)
    cut = words[0] if len(words) > 1 and len(words[0]) > length // 2 else text[: length - 1]
    return f"{cut.rstrip(' ,;:–—-')[: length - 1]}…"
