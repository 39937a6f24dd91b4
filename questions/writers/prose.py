"""Markdown: a heading a question, with its answer and key points below, to be read and printed."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import BinaryIO

from django.utils.translation import gettext as _

from .. import markdown
from .export import Entry, Export

CODE = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_SIGN = re.compile(r"[\\*_\[\]<>&~!#|{}`$^]")
# What keeps its meaning outside code: formulas and addresses in angle brackets. The rest is HTML.
_HTML = re.compile(
    r"(?<!`)(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)"
    r"|\\.|\$\$.+?\$\$|\$(?!\s)[^$\n]+?(?<!\s)\$|<[a-z][a-z0-9+.-]+:[^\s<>]*>|<[^\s<>@]+@[^\s<>]+>"
    r"|(?P<tag><(?=[A-Za-z/!?]))",
    re.DOTALL | re.IGNORECASE,
)


def write(export: Export, file: BinaryIO) -> None:
    beginning = [f"# {line(export.title)}", *([text(export.intro)] if export.intro else [])]
    file.write(("\n\n".join(beginning) + "\n").encode())
    for entry in export.entries():
        file.write(("\n" + "\n\n".join(parts_of(entry)) + "\n").encode())


def parts_of(entry: Entry) -> Iterator[str]:
    """The paragraphs of a question."""
    question = entry.question
    yield f"## {entry.number}. {line(question.text)}"
    facts = [f"Difficulty: {question.difficulty}"] if question.difficulty else []
    facts += [f"Topics: {', '.join(map(line, entry.topics))}"] if entry.topics else []
    if facts:
        yield f"*{' · '.join(facts)}*"
    yield from filter(None, [text(question.short_answer), text(question.answer)])
    if question.key_points:
        yield _labelled(_("A good answer"), question.key_points)
    if question.weak_answer:
        yield f"**{_('A weak answer')}:** {text(question.weak_answer)}"
    if question.follow_ups:
        asked = [f"{each['question']} {each['hint']}".strip() for each in question.follow_ups_with_hints]
        yield _labelled(_("They may go on to ask"), asked)
    if question.sources:
        lines = "\n".join(f"- {_link(source)}" for source in question.sources)
        yield f"**{_('Sources')}:**\n\n{lines}"


def _labelled(label, entries):
    return f"**{label}:**\n\n" + "\n".join(f"- {line(entry)}" for entry in entries)


def _link(source):
    return f"[{line(source['title'])}](<{source['url']}>)" if "url" in source else line(source["title"])


def line(words: str) -> str:
    """One line in which backticks mark code and nothing else is marked, as Markdown."""
    parts, last = [], 0
    for code in CODE.finditer(words):
        parts += [_SIGN.sub(r"\\\g<0>", words[last : code.start()]), code[0]]
        last = code.end()
    return "".join([*parts, _SIGN.sub(r"\\\g<0>", words[last:])])


def text(words: str) -> str:
    """The site's Markdown for other readers of it: HTML is text here, and a block of code is closed."""
    lines, code, closing = words.split("\n"), set[int](), ""
    for _info, content, first in markdown.fences(words):
        code.update(range(first, first + content.count("\n")))
    for block in markdown.blocks(words):
        if block.type == "code_block" and block.map:
            code.update(range(*block.map))
        if block.type == "fence" and block.map and _is_open(block, lines):
            closing = f"\n{block.markup}"
    pieces = []
    for is_code, numbers in groupby(range(len(lines)), code.__contains__):
        piece = "\n".join(lines[number] for number in numbers)
        pieces.append(piece if is_code else _without_html(piece))
    return "\n".join(pieces) + closing


def _is_open(fence, lines):
    """Whether nothing closes the last block of code."""
    first, end = fence.map
    last = lines[-1].strip()
    return end == len(lines) and (
        end - first < 2 or not last.startswith(fence.markup) or last.strip(fence.markup[0])
    )


def _without_html(words):
    return _HTML.sub(lambda match: "\\<" if match["tag"] else match[0], words) if "<" in words else words
