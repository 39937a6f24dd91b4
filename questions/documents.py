"""Documents: the bank as plain dicts, the same in files, history, imports and proposals.

A document is a dict of JSON values that says all of one category, topic, question or role.
References in it are uids. A `Kind` declares the keys of a document once, in the order in which files
and the admin's form show them: a `Key` is a field of the model, a `Section` a list that has a table
of its own and may come from another app. `writing` makes rows equal to documents.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import CharField, JSONField, Q, TextField
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

BATCH = 500  # documents read or written at once, below every database's limit of parameters

KINDS = {}  # name -> Kind, each after those that it refers to


def register(kind):
    KINDS[kind.name] = kind


class Item(NamedTuple):
    """What a document should say; no document where it should not exist."""

    kind: str
    uid: str
    document: dict | None

    @property
    def key(self):
        """What tells the document from all others."""
        return self.kind, self.uid

    def check(self):
        """Raise ValueError where it is no item at all: a mistake of the caller, and not of a curator."""
        if self.kind not in KINDS:
            raise ValueError(f"There is no kind of document “{self.kind}”.")
        if not isinstance(self.uid, str) or not 0 < len(self.uid) <= 100:
            raise ValueError(f"The id of a document is a text of at most 100 characters: {self.uid!r}.")
        if not isinstance(self.document, dict | None):
            raise ValueError(f"The document {self.kind} {self.uid} is no dict.")


class Saved(NamedTuple):
    """A document as the database has it. `dated` is the public date of its words, if it has one."""

    document: dict | None = None
    version: int = 0
    dated: datetime | None = None
    was_public: bool = False


class SectionError(Exception):
    """A section of prose that cannot be read; `line` is 0-based within its text."""

    def __init__(self, line, reason):
        self.line = line
        super().__init__(reason)


@dataclass(frozen=True)
class Key:
    """A key of a document that is a field of its model.

    `group` names the part of the admin's form that shows it, `beside` puts it on the line of the key
    before. The text of a file is the key with `is_body`. `is_words` marks what a reader reads: the
    public date moves with these keys.
    """

    name: str
    field: str = ""  # by default the name
    group: str = ""
    beside: bool = False
    is_body: bool = False
    is_words: bool = False


@dataclass(frozen=True)
class Section:
    """A list in a document: each entry is a row of `model` that belongs to `owner`.

    Rows are known by the field `match` and updated in place. Where `match` is a relation, an entry is
    the uid of what it refers to; otherwise an entry is a dict of `match` and `fields`. Ordered sections
    keep their order in the rows' `position`. `label` is the name for people. `heading`,
    `parse(markdown)` and `format(list)` are how a bank file shows a section of prose; without a
    heading it is a list in the front matter.
    """

    name: str
    label: str
    model: type
    owner: str
    match: str
    fields: tuple = ()
    group: str = ""
    ordered: bool = True
    repeated: str = ""  # the message for an entry that is there twice
    heading: str = ""
    parse: Callable | None = None
    format: Callable | None = None

    @property
    def refers(self):
        """The kind whose uids the list holds; empty where entries are dicts."""
        related = self.model._meta.get_field(self.match).related_model
        return related.kind if related else ""

    def read(self, pks):
        """`{pk of the owner: list}`, in one query."""
        names = [f"{self.match}__uid"] if self.refers else [self.match, *self.fields]
        rows = self.model._base_manager.filter(**{f"{self.owner}__in": pks})
        # What has no order is sorted here and not by the database, whose collation may be any.
        rows = rows.order_by(*(["position", "pk"] if self.ordered else []))
        lists = {}
        for pk, *values in rows.values_list(self.owner, *names):
            lists.setdefault(pk, []).append(
                values[0] if self.refers else dict(zip(names, values, strict=True))
            )
        return lists if self.ordered else {pk: sorted(entries) for pk, entries in lists.items()}

    def clean(self, entries):
        """`entries` as the database would return them. Raises a ValidationError."""
        if not isinstance(entries, list):
            raise ValidationError(_("A list is needed here."))
        if self.refers:
            return self._clean_references(entries)
        cleaned = [self._clean_entry(entry) for entry in entries]
        self._refuse_repeated([entry[self.match] for entry in cleaned])
        return cleaned

    def row(self, entry, position):
        """The row of an entry that is a dict, without its owner and not saved."""
        values = {name: entry[name] for name in (self.match, *self.fields)}
        return self.model(**values, **self.place(position))

    def place(self, position):
        """What a row holds of its place in the list."""
        return {"position": position} if self.ordered else {}

    def _clean_references(self, uids):
        if not all(isinstance(uid, str) for uid in uids):
            raise ValidationError(_("A list of ids is needed here."))
        self._refuse_repeated(uids)
        return uids if self.ordered else sorted(uids)

    def _clean_entry(self, entry):
        if not isinstance(entry, dict):
            raise ValidationError(_("Each entry has a text of its own."))
        fields = {name: self.model._meta.get_field(name) for name in (self.match, *self.fields)}
        plain = {name: entry.get(name, field.get_default()) for name, field in fields.items()}
        cleaned = {name: clean_value(field, plain[name]) for name, field in fields.items()}
        row = self.model(**cleaned)
        row.fill_key()
        others = {field.name for field in self.model._meta.fields} - fields.keys()
        try:
            row.clean_fields(exclude=others)
        except ValidationError as error:
            name = getattr(row, self.match)
            raise ValidationError([f"{name}: {text}" for text in error.messages]) from error
        return {name: getattr(row, name) for name in fields}

    def _refuse_repeated(self, values):
        if repeated := sorted(value for value, number in Counter(values).items() if number > 1):
            raise ValidationError([self.repeated % {"name": value} for value in repeated])


@dataclass
class Kind:
    """A kind of document: its model, and the keys and sections of its documents in their order."""

    model: type
    keys: list

    @property
    def name(self):
        return self.model.kind

    @cached_property
    def fields(self):
        """`{key: name of the model's field}`."""
        return {key.name: key.field or key.name for key in self.keys if isinstance(key, Key)}

    @cached_property
    def sections(self):
        return [key for key in self.keys if isinstance(key, Section)]

    @cached_property
    def body(self):
        """The key that is the text of a file, or None."""
        return next((key.name for key in self.keys if isinstance(key, Key) and key.is_body), None)

    @cached_property
    def words(self):
        """The keys with which the public date moves."""
        return {key.name for key in self.keys if isinstance(key, Key) and key.is_words}

    @cached_property
    def defaults(self):
        """What a missing key means."""
        plain = {key: as_plain(self.field(key).get_default()) for key in self.fields}
        return {key.name: plain.get(key.name, []) for key in self.keys}

    def field(self, key):
        """The field of the model that is `key`."""
        return self.model._meta.get_field(self.fields[key])

    def read(self, uids, *, lock=False):
        """`{uid: Saved}` of those that exist, locked for update if asked; a few queries a batch."""
        found = {}
        for batch in in_batches(uids):
            found |= self._read_batch(batch, lock)
        return found

    def _read_batch(self, uids, lock):
        related = [name for key, name in self.fields.items() if self.field(key).is_relation]
        rows = self.model._base_manager.filter(uid__in=uids).order_by("uid")
        rows = list((rows.select_for_update(no_key=True) if lock else rows).prefetch_related(*related))
        lists = {section.name: section.read([row.pk for row in rows]) for section in self.sections}
        saved = {}
        for row in rows:
            plain = {key: as_plain(getattr(row, name)) for key, name in self.fields.items()}
            plain |= {name: of_owner.get(row.pk, []) for name, of_owner in lists.items()}
            document = {key.name: plain[key.name] for key in self.keys}
            saved[row.uid] = Saved(document, row.version, getattr(row, "updated", None), row.was_public)
        return saved

    def normal(self, document):
        """`document` with the keys of today: unknown ones left out, missing ones as the default."""
        if document is None:
            return None
        return {key: document.get(key, default) for key, default in self.defaults.items()}

    def clean(self, document):
        """`document` with the keys of today and the values that the database would return.

        Raises ValidationError by key.
        """
        document, errors = self.normal(document), {}
        cleaners = {section.name: section.clean for section in self.sections}
        for key, value in document.items():
            try:
                document[key] = cleaners[key](value) if key in cleaners else self._clean_value(key, value)
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return document

    def _clean_value(self, key, value):
        field = self.field(key)
        cleaned = clean_value(field, value)
        if isinstance(field, JSONField):
            field.validate(cleaned, None)
        return cleaned

    def label(self, key):
        """The name of a key for people."""
        sections = {section.name: section.label for section in self.sections}
        return sections.get(key) or self.field(key).verbose_name

    def shown(self, key):
        """A function that returns a value of `key` as people see it: a choice by its label."""
        labels = dict(self.field(key).choices or ()) if key in self.fields else {}
        return lambda value: str(labels[value]) if isinstance(value, str) and value in labels else value

    def row(self, uid, document):
        """A row with the words of `document`, without its references and sections; not saved."""
        values = {
            name: self.field(key).to_python(document[key])
            for key, name in self.fields.items()
            if not self.field(key).is_relation
        }
        return self.model(uid=uid, **values)

    @cached_property
    def references(self):
        """`{key: name of the kind whose uids it holds}`."""
        related = {key: self.field(key).related_model for key in self.fields}
        return {key: model.kind for key, model in related.items() if model} | {
            section.name: section.refers for section in self.sections if section.refers
        }


def clean_value(field, value):
    """`value` of a model's `field` as the database would return it, as a plain value.

    Raises ValidationError.
    """
    is_text = field.is_relation or isinstance(field, CharField | TextField)
    if is_text and not isinstance(value, str):
        raise ValidationError(_("Text is needed here; “%(value)s” is not.") % {"value": value})
    if field.is_relation:
        return value
    try:
        cleaned = field.to_python(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValidationError(_("“%(value)s” cannot be read.") % {"value": value}) from error
    return as_plain(cleaned)


def read(items):
    """`{(kind, uid): Saved}` of the documents that `items` name, as far as they exist."""
    found = {}
    for name, kind in KINDS.items():
        uids = [item.uid for item in items if item.kind == name]
        found |= {(name, uid): saved for uid, saved in kind.read(uids).items()}
    return found


def everything():
    """The `Item`s of the whole bank, in an order that no database's collation changes."""
    items = []
    for name, kind in KINDS.items():
        found = kind.read(list(kind.model._base_manager.values_list("uid", flat=True)))
        of_kind = [Item(name, uid, saved.document) for uid, saved in found.items()]
        items += sorted(of_kind, key=_place)
    return items


def _place(item):
    document = item.document
    if "position" in document:  # equal ones in the order of the site, so that a dump keeps it
        return document["position"], document["name"], document["slug"]
    return 0, "", document["slug"]


def with_uids(items, *, in_bank=True):
    """`items`, (kind, uid, document or None), as `Item`s with each reference as a uid.

    A reference may be a slug, of another item or (unless `in_bank` is false) of the database, or a
    uid. One that is neither stays as it is, and is refused when the document is written.
    """
    items = [Item(*item) for item in items]
    names = {
        name: (_names_in_bank(kind, items) if in_bank else {}) | _names_in(items, name)
        for name, kind in KINDS.items()
    }
    return _translated(items, names)


def with_slugs(items):
    """`items`, (kind, uid, document), with each reference to another item as its slug."""
    items = [Item(*item) for item in items]
    names = {name: {} for name in KINDS}
    for item in items:
        names[item.kind][item.uid] = item.document["slug"]
    return _translated(items, names)


def _names_in(items, name):
    of_kind = [item for item in items if item.kind == name and item.document]
    uids = {item.uid: item.uid for item in of_kind}
    return uids | {item.document["slug"]: item.uid for item in of_kind if item.document.get("slug")}


def _names_in_bank(kind, items):
    wanted = set()
    for item in items:
        for key, refers in KINDS[item.kind].references.items():
            if refers == kind.name and item.document:
                wanted.update(_references(item.document.get(key)))
    names = {}
    for batch in in_batches(sorted(wanted)):
        rows = kind.model._base_manager.filter(Q(uid__in=batch) | Q(slug__in=batch))
        rows = rows.order_by().values_list("slug", "uid")
        names |= {uid: uid for _slug, uid in rows} | dict(rows)
    return names


def _references(value):
    """The names in a value that refers to one document or to a list of them; bad ones are left out."""
    return [
        name for name in (value if isinstance(value, list) else [value]) if name and isinstance(name, str)
    ]


def _translated(items, names):
    return [item._replace(document=item.document and _with_names(item, names)) for item in items]


def _with_names(item, names):
    def name(kind, reference):
        return names[kind].get(reference, reference) if isinstance(reference, str) else reference

    document = dict(item.document)
    for key, refers in KINDS[item.kind].references.items():
        value = document.get(key)
        if isinstance(value, list):
            document[key] = [name(refers, reference) for reference in value]
        elif value is not None:
            document[key] = name(refers, value)
    return document


def former_slugs_after(saved, document):
    """The former slugs of a document that was `saved` and becomes `document`.

    A slug that it gives up joins them, if it was public.
    """
    former = set(document["former"])
    if saved.document and saved.was_public and saved.document["slug"] != document["slug"]:
        former.add(saved.document["slug"])
    return sorted(former - {document["slug"]})


def as_plain(value):
    """A value of a model as a document has it."""
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "uid", value)


def in_batches(values):
    """Lists of at most `BATCH` of `values`."""
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]
