"""A document as a person reads it: its parts as HTML, made by the project's own Markdown alone.

What a key looks like follows from the field that it is of the model, so that keys and sections that are
added, by another app too, are shown without a word here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import DateField, Field
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from . import markdown
from .differences import as_text
from .documents import KINDS, DocumentDict, Label, Schema, Section
from .fields import FollowUpsField, LinesField, LinksField, MarkdownField, SlugsField
from .marking import marked
from .models import Difficulty

FACTS = ["difficulty", "topics", "category"]  # the line below the title
# What a reader does not read: it comes last, as one list.
AROUND = ["label", "slug", "status", "reviewed_on", "corrected_on", "position", "internships_url", "former"]
UNTITLED = ["short_answer", "answer", "intro"]  # known by their place

Names = Mapping[str, Mapping[str, str]]  # of documents: by kind, then by uid


@dataclass
class Part:
    """A part of two documents; an empty text where one of them has none."""

    name: str
    label: Label
    before: SafeString
    after: SafeString
    is_titled: bool

    @property
    def is_same(self) -> bool:
        return self.before == self.after

    def mark(self, *, only_different: bool) -> None:
        """Mark the words in which the two differ."""
        if not self.is_same:
            self.before, self.after = marked(self.before, self.after, only_different=only_different)


def parts_of(kind: str, before: DocumentDict | None, after: DocumentDict | None, names: Names) -> list[Part]:
    """The parts that either of two documents of `kind` has, in the order of a page, not marked yet."""
    schema = KINDS[kind]
    sides = [_texts(schema, schema.normal(document) or {}, names) for document in (before, after)]
    empty = mark_safe("")
    return [
        Part(name, label, sides[0].get(name, empty), sides[1].get(name, empty), is_titled)
        for name, label, is_titled in _order(schema)
        if any(side.get(name) for side in sides)
    ]


def _order(schema: Schema) -> Iterable[tuple[str, Label, bool]]:
    """`(name, label, whether it has a heading)` of the parts, in the order of a page."""
    title = _title_of(schema)
    yield "title", schema.label(title), False
    yield "facts", _facts_label(schema), False
    for key in schema.defaults:
        if key not in {title, *FACTS, *AROUND}:
            yield key, schema.label(key), key not in UNTITLED
    yield "around", _("around it"), True


def _title_of(schema):
    return next(key for key, field in schema.fields.items() if field == schema.model.named_by)


def _facts_label(schema):
    return ", ".join(str(schema.label(key)) for key in FACTS if key in schema.defaults)


def _texts(schema: Schema, document: DocumentDict, names: Names) -> dict[str, SafeString]:
    """`{name of a part: HTML}` of those that `document` has."""
    title = _title_of(schema)
    texts = {}
    for key, value in document.items():
        if key in {title, *FACTS, *AROUND} or not value:
            continue
        texts[key] = _html(schema, key, value, names)
    if document:
        texts["title"] = format_html('<p class="asked">{}</p>', markdown.inline(as_text(document[title])))
        texts["facts"] = _facts(schema, document, names)
        texts["around"] = _list(_around(schema, document))
    return texts


def _facts(schema, document, names):
    facts = [_difficulty(document["difficulty"])] if document.get("difficulty") in Difficulty.values else []
    for key in ("topics", "category"):
        if document.get(key):
            facts.append(format_html("<span>{}</span>", ", ".join(_named(schema, key, document, names))))
    return format_html('<p class="facts">{}</p>', mark_safe(" ".join(facts))) if facts else ""


def _difficulty(value):
    """Its mark, drawn by `_marks.html`, and its name."""
    html = '<span class="difficulty {0}"><svg aria-hidden="true"><use href="#m-{0}"></use></svg>{1}</span>'
    return format_html(html, value, Difficulty(value).label)


def _named(schema, key, document, names):
    value = document[key]
    known = names.get(schema.references[key], {})
    return sorted(known.get(uid, str(uid)) for uid in (value if isinstance(value, list) else [value]))


def _around(schema, document):
    """The entries of the last list, as HTML."""
    for key in AROUND:
        if value := document.get(key):
            text = as_text(schema.shown(key)(value)).replace("\n", ", ")
            day = parse_date(text) if isinstance(schema.field(key), DateField) else None
            shown = date_format(day, "j F Y") if day else text
            yield format_html("{}: {}", capfirst(schema.label(key)), shown)


def _html(schema, key, value, names):
    if key in schema.fields:
        return _of_field(schema.field(key), value)
    section = next(section for section in schema.sections if section.name == key)
    if section.refers:
        known = names.get(section.refers, {})
        return _list((markdown.inline(known.get(uid, str(uid))) for uid in value), "ol")
    return _entries(section, value)


def _entries(section: Section, entries: Any) -> SafeString:
    """A list of entries with a text each, or parts with a heading where they have more than a text."""
    fields: dict[str, Any] = {name: section.model._meta.get_field(name) for name in section.fields}
    first, *others = fields
    if not others:
        return _list(markdown.inline(as_text(entry.get(first))) for entry in entries)
    parts = []
    for entry in entries:
        parts.append(format_html("<h4>{}</h4>", markdown.inline(as_text(entry.get(first)))))
        parts += [_of_field(fields[name], entry[name]) for name in others if entry.get(name)]
    return mark_safe("\n".join(parts))


def _of_field(field: Field, value: Any) -> SafeString:
    if isinstance(field, MarkdownField):
        return mark_safe(markdown.render(as_text(value)))
    entries = value if isinstance(value, list) else [value]
    if isinstance(field, FollowUpsField):
        return _list(map(_follow_up, entries))
    if isinstance(field, LinksField):
        return _list(map(_link, entries))
    if isinstance(field, LinesField) and not isinstance(field, SlugsField):
        return _list(markdown.inline(as_text(entry)) for entry in entries)
    return format_html("<p>{}</p>", as_text(value))


def _follow_up(entry):
    if not isinstance(entry, dict):
        return markdown.inline(as_text(entry))
    question, hint = (markdown.inline(as_text(entry.get(name))) for name in ("question", "hint"))
    return format_html('{} <span class="hint">{}</span>', question, hint) if hint else question


def _link(entry):
    if not isinstance(entry, dict):
        return escape(as_text(entry))
    title, url = markdown.inline(as_text(entry.get("title"))), as_text(entry.get("url"))
    if url.startswith(("https://", "http://")):
        return format_html('<a href="{}" rel="noopener nofollow">{}</a>', url, title)
    return title


def _list(entries: Iterable[str], tag: str = "ul") -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((entry,) for entry in entries))
    return format_html("<{0}>{1}</{0}>", mark_safe(tag), items) if items else items
