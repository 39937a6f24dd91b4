"""The addresses of other sites in documents: found in every kind of document, and replaced.

What holds addresses is told by the type of a field: lists of links, Markdown, and lines that are an
address. So the sections that other apps add to a document take part by themselves.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from html import escape
from typing import Any
from urllib.parse import unquote

from django.core.validators import URLValidator
from django.db.models import Field

from . import markdown
from .documents import KINDS, DocumentDict
from .fields import LinksField, MarkdownField

MAX_BYTES = 2_000  # of an address: a longer one fits into no index, and is no link that somebody shares


def addresses_of(kind: str, document: DocumentDict) -> set[tuple[str, str]]:
    """`{(address, place)}` of all in `document`; a place is a key, or a section and one of its fields."""
    return {
        (address, place)
        for place, field, holder, name in KINDS[kind].values(document)
        for address in _in_value(field, holder[name])
        if address.lower().startswith(("http://", "https://")) and len(address.encode()) <= MAX_BYTES
    }


def replaced(kind: str, document: DocumentDict, old: str, new: str) -> DocumentDict:
    """`document` with the address `new` wherever a link of it led to `old`."""
    document = deepcopy(document)
    for _place, field, holder, name in KINDS[kind].values(document):
        holder[name] = _replaced_in(field, holder[name], old, new)
    return document


def _in_value(field: Field, value: Any) -> list[str]:
    if isinstance(field, LinksField):
        return [link["url"] for link in value if link.get("url")]
    if isinstance(field, MarkdownField):
        return markdown.links(value)
    return [value] if value and _is_address(field) else []


def _replaced_in(field, value, old, new):
    if isinstance(field, LinksField):
        return [link | {"url": new} if link.get("url") == old else link for link in value]
    if isinstance(field, MarkdownField):
        return _replaced_in_markdown(value, old, new)
    return new if value == old and _is_address(field) else value


def _is_address(field):
    return any(isinstance(validator, URLValidator) for validator in field.validators)


def _replaced_in_markdown(text: str, old: str, new: str) -> str:
    """`text` with its links to `old` leading to `new`; what is no link, as in code, stays as it is."""
    for start, end in reversed(list(_places(text, old))):
        changed = text[:start] + new + text[end:]
        if _differ_only_in(markdown.links(text), markdown.links(changed), old, new):
            text = changed
    return text


def _differ_only_in(before, after, old, new):
    """Whether links that led to `old` lead to `new`, and nothing else has happened.

    Only a parser knows what is a link, and an address of somebody else may end one, or begin another.
    """
    pairs = set(zip(before, after, strict=True)) if len(before) == len(after) else set()
    return {(one, other) for one, other in pairs if one != other} == {(old, new)}


def _places(text: str, address: str) -> Iterator[tuple[int, int]]:
    """Where `text` may write `address`: as it is, with letters in place of %-codes, or without a scheme."""
    plain = {address, unquote(address), address.removeprefix("https://")}
    ways = sorted({*plain, *map(escape, plain)}, key=len, reverse=True)
    # Not the beginning of a longer address.
    for match in re.finditer(rf"(?:{'|'.join(map(re.escape, ways))})(?![\w/?#=&%~@+$-])", text):
        yield match.span()
