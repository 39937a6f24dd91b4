"""Documents: the bank as plain dicts, the same in files, history, imports and proposals.

A document is a dict of JSON values that says all of one category, topic, question or role.
References in it are uids. A `Kind` reads documents from the database in a fixed number of queries
and writes one back; a `Section` is a list in a document that has a table of its own, and may come
from another app.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import CharField, TextField
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

_BATCH = 500  # documents read at once, below every database's limit of parameters

KINDS = {}  # name -> Kind, each after those that it refers to


def register(kind):
    KINDS[kind.name] = kind


class SectionError(Exception):
    """A section of prose that cannot be read; `line` is 0-based within its text."""

    def __init__(self, line, reason):
        self.line = line
        super().__init__(reason)


@dataclass(frozen=True)
class Section:
    """A list in a document.

    `read(pks)` gives `{pk of the owner: list}` in a fixed number of queries; `write(owner, list)`
    makes the rows equal to the list, or raises ValidationError at its name. `heading`,
    `parse(markdown)` and `format(list)` are how a bank file shows a section of prose; without a
    heading it stands in the front matter.
    `label` is its name for people. `refers` names the kind whose uids the list holds; `ordered` says
    whether its order means anything.
    """

    name: str
    label: str
    read: Callable
    write: Callable
    refers: str = ""
    ordered: bool = True
    heading: str = ""
    parse: Callable | None = None
    format: Callable | None = None


@dataclass
class Kind:
    """A kind of document: its model, and the field of the model that each key of a document says."""

    name: str
    model: type
    fields: dict
    sections: list = field(default_factory=list)
    dated: bool = False  # whether the model has an `updated` that moves with the document

    def __post_init__(self):
        self.model.kind = self.name

    @cached_property
    def defaults(self):
        """What a missing key means."""
        fields = {key: self.model._meta.get_field(name) for key, name in self.fields.items()}
        plain = {key: as_plain(field.get_default()) for key, field in fields.items()}
        return plain | {section.name: [] for section in self.sections}

    def read(self, uids, *, lock=False):
        """`{uid: (document, version)}` of those that exist, locked for update if asked."""
        found = {}
        for start in range(0, len(uids), _BATCH):
            found |= self._read_batch(uids[start : start + _BATCH], lock)
        return found

    def _read_batch(self, uids, lock):
        related = [name for name in self.fields.values() if self.model._meta.get_field(name).is_relation]
        rows = self.model._base_manager.filter(uid__in=uids).order_by("uid")
        rows = list((rows.select_for_update() if lock else rows).prefetch_related(*related))
        sections = {section.name: section.read([row.pk for row in rows]) for section in self.sections}
        return {
            row.uid: (
                {key: as_plain(getattr(row, name)) for key, name in self.fields.items()}
                | {name: lists.get(row.pk, []) for name, lists in sections.items()},
                row.version,
            )
            for row in rows
        }

    def normal(self, document):
        """`document` with the keys of today: unknown ones left out, missing ones as the default."""
        if document is None:
            return None
        known = {key: document.get(key, default) for key, default in self.defaults.items()}
        unordered = {section.name for section in self.sections if not section.ordered}
        return {key: sorted(value) if key in unordered else value for key, value in known.items()}

    def stamps(self):
        """What a change of the document sets beside its words."""
        return {"updated": timezone.now()} if self.dated else {}

    def label(self, key):
        """The name of a key for people."""
        sections = {section.name: section.label for section in self.sections}
        return sections.get(key) or self.model._meta.get_field(self.fields[key]).verbose_name

    def shown(self, key):
        """A function that gives a value of `key` as people see it: a choice by its label."""
        field = self.fields.get(key)
        labels = dict(self.model._meta.get_field(field).choices or ()) if field else {}
        return lambda value: str(labels[value]) if isinstance(value, str) and value in labels else value

    def filled(self, uid, document):
        """The row with the words of `document`, whether they keep the rules or not."""
        document = self.normal(document)
        row = self.model._base_manager.filter(uid=uid).first() or self.model(uid=uid)
        for key, name in self.fields.items():
            setattr(row, name, self._value(key, name, document[key]))
        return row

    def build(self, uid, document):
        """The row that `document` describes, not yet saved. Raises ValidationError by key."""
        row = self.filled(uid, document)
        try:
            row.full_clean()
        except ValidationError as error:
            raise ValidationError(self._by_key(error)) from error
        return row

    def write(self, uid, document):
        """Make the row `uid`, and its sections, equal to `document`. Raises ValidationError by key."""
        row = self.build(uid, document)
        row.save()
        for section in self.sections:
            section.write(row, self.normal(document)[section.name])

    def _value(self, key, name, value):
        model_field = self.model._meta.get_field(name)
        if isinstance(model_field, CharField | TextField) and not isinstance(value, str):
            raise ValidationError({key: _("Text is needed here; “%(value)s” is not.") % {"value": value}})
        if not model_field.is_relation:
            return value
        return rows_of(model_field.related_model, [value], key)[0]

    @cached_property
    def references(self):
        """`{key: name of the kind whose uids it holds}`."""
        fields = {key: self.model._meta.get_field(name).related_model for key, name in self.fields.items()}
        return {key: model.kind for key, model in fields.items() if model} | {
            section.name: section.refers for section in self.sections if section.refers
        }

    def _by_key(self, error):
        keys = {name: key for key, name in self.fields.items()}
        return {keys.get(name, name): messages for name, messages in error.message_dict.items()}


def everything():
    """(kind, uid, document) of the whole bank, in an order that no database's collation changes."""
    items = []
    for name, kind in KINDS.items():
        found = kind.read(list(kind.model._base_manager.values_list("uid", flat=True)))
        of_kind = [(name, uid, document) for uid, (document, _version) in found.items()]
        items += sorted(of_kind, key=_place)
    return items


def _place(item):
    _kind, _uid, document = item
    if "position" in document:  # equal ones in the order of the site, so that a dump keeps it
        return document["position"], document["name"], document["slug"]
    return 0, "", document["slug"]


def rows_of(model, uids, key):
    """The rows of `model` with these uids, in their order. Raises ValidationError at `key`."""
    found = {row.uid: row for row in model._base_manager.filter(uid__in=uids)}
    if missing := [str(uid) for uid in uids if uid not in found]:
        text = _("There is no %(kind)s “%(name)s”.")
        name = model._meta.verbose_name
        raise ValidationError({key: [text % {"kind": name, "name": uid} for uid in missing]})
    return [found[uid] for uid in uids]


def with_uids(items, *, in_bank=True):
    """`items`, (kind, uid, document or None), with each reference as a uid.

    A reference may be a slug, of another item or (unless `in_bank` is false) of the database, or a
    uid. One that is neither stays as it is, and is refused when the document is written.
    """
    items = list(items)
    names = {
        name: (_names_in_bank(kind, items) if in_bank else {}) | _names_in(items, name)
        for name, kind in KINDS.items()
    }
    return _translated(items, names)


def with_slugs(items):
    """`items`, (kind, uid, document), with each reference to another item as its slug."""
    items = list(items)
    names = {name: {} for name in KINDS}
    for kind, uid, document in items:
        names[kind][uid] = document["slug"]
    return _translated(items, names)


def _names_in(items, name):
    of_kind = [(uid, document) for kind, uid, document in items if kind == name and document]
    return {uid: uid for uid, _ in of_kind} | {document["slug"]: uid for uid, document in of_kind}


def _names_in_bank(kind, items):
    wanted = {
        reference
        for name, _uid, document in items
        for key, refers in KINDS[name].references.items()
        if refers == kind.name and document and document.get(key)
        for reference in _as_list(document[key])
    }
    rows = kind.model._base_manager.values_list("slug", "uid")
    rows = [*rows.filter(uid__in=wanted), *rows.filter(slug__in=wanted)]
    return {uid: uid for _, uid in rows} | dict(rows)


def _translated(items, names):
    def translated(value, kind):
        if isinstance(value, list):
            return [names[kind].get(reference, reference) for reference in value]
        return names[kind].get(value, value)

    return [
        (
            kind,
            uid,
            document
            and document
            | {
                key: translated(document[key], refers)
                for key, refers in KINDS[kind].references.items()
                if key in document
            },
        )
        for kind, uid, document in items
    ]


def _as_list(value):
    return value if isinstance(value, list) else [value]


def as_plain(value):
    """A value of a model as a document has it."""
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "uid", value)
