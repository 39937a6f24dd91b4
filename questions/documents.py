"""Documents: the bank as plain dicts, the same in files, history, imports and proposals.

A document is a dict of JSON values that holds all of one category, topic, question or role.
References in it are uids. Its kind is a name; the `Schema` of a kind declares the keys of its
documents once, in the order in which files and the admin's form show them: a `Key` is a field of the
model, a `Section` a list that has a table of its own and may come from another app. `writing` makes
rows equal to documents.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import CharField, Field, JSONField, Q, QuerySet, TextField
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from .recorded import Document, Part

DocumentDict: TypeAlias = dict[str, Any]  # the values of a document by key
DocumentKey: TypeAlias = tuple[str, str]  # kind and uid, which identify a document
Label: TypeAlias = str | Promise  # a text for people, which may be translated later
Value = TypeVar("Value")

BATCH = 500  # documents read or written at once, below every database's limit of parameters

KINDS: dict[str, "Schema"] = {}  # by name, each after those that it refers to


def register(schema: "Schema") -> None:
    KINDS[schema.name] = schema


class Item(NamedTuple):
    """A document as it should be; None where it should not exist."""

    kind: str
    uid: str
    document: DocumentDict | None

    @property
    def key(self) -> DocumentKey:
        return self.kind, self.uid

    def check(self) -> None:
        """Raise ValueError where it is no item at all: a mistake of the caller, and not of a curator."""
        if self.kind not in KINDS:
            raise ValueError(f"There is no kind of document “{self.kind}”.")
        if not isinstance(self.uid, str) or not 0 < len(self.uid) <= 100:
            raise ValueError(f"The id of a document is a text of at most 100 characters: {self.uid!r}.")
        if not isinstance(self.document, dict | None):
            raise ValueError(f"The document {self.kind} {self.uid} is no dict.")


class Named(Protocol):
    """What names a document by kind and uid: an `Item` or a `Change`."""

    @property
    def kind(self) -> str: ...

    @property
    def uid(self) -> str: ...


class Saved(NamedTuple):
    """A document as the database has it. `dated` is the public date of its words, if it has one."""

    document: DocumentDict | None = None
    version: int = 0
    dated: datetime | None = None
    was_public: bool = False


class SectionError(Exception):
    """A section of prose that cannot be read; `line` is 0-based within its text."""

    def __init__(self, line: int, reason: str):
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
    group: Label = ""
    beside: bool = False
    is_body: bool = False
    is_words: bool = False
    refers: str = ""  # the kind whose uid it holds, where its field is a text and no relation


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
    label: Label
    model: type["Part"]
    owner: str
    match: str
    fields: tuple[str, ...] = ()
    group: Label = ""
    ordered: bool = True
    repeated: Label = ""  # the message for an entry that is there twice
    heading: str = ""
    parse: Callable[[str], list[DocumentDict]] | None = None
    format: Callable[[list[DocumentDict]], str] | None = None

    @property
    def refers(self) -> str:
        """The kind whose uids the list holds; empty where entries are dicts."""
        return _kind_of(_field(self.model, self.match))

    @property
    def defaults(self) -> DocumentDict:
        """What a missing key of an entry means."""
        return {name: _field(self.model, name).get_default() for name in (self.match, *self.fields)}

    def read(self, pks: Collection[int]) -> dict[int, list]:
        """`{pk of the owner: list}`, in one query."""
        names = [f"{self.match}__uid"] if self.refers else [self.match, *self.fields]
        rows = self.model._base_manager.filter(**{f"{self.owner}__in": pks})
        # What has no order is sorted here and not by the database, whose collation may be any.
        rows = rows.order_by(*(["position", "pk"] if self.ordered else []))
        lists: dict[int, list] = {}
        for pk, *values in rows.values_list(self.owner, *names):
            lists.setdefault(pk, []).append(
                values[0] if self.refers else dict(zip(names, values, strict=True))
            )
        return lists if self.ordered else {pk: sorted(entries) for pk, entries in lists.items()}

    def clean(self, entries: object) -> list:
        """`entries` as the database would return them. Raises a ValidationError."""
        if not isinstance(entries, list):
            raise ValidationError(_("A list is needed here."))
        if self.refers:
            return self._clean_references(entries)
        cleaned = [self._clean_entry(entry) for entry in entries]
        self._refuse_repeated([entry[self.match] for entry in cleaned])
        return cleaned

    def row(self, entry: DocumentDict, position: int) -> "Part":
        """The row of an entry that is a dict, without its owner and not saved."""
        values = {name: entry[name] for name in (self.match, *self.fields)}
        return self.model(**values, **self.place(position))

    def place(self, position: int) -> dict[str, int]:
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
        fields = {name: _field(self.model, name) for name in (self.match, *self.fields)}
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
            raise ValidationError([str(self.repeated) % {"name": value} for value in repeated])


@dataclass
class Schema:
    """What documents of one kind hold: their model, and their keys and sections in order."""

    model: type["Document"]
    keys: list[Key | Section]

    @property
    def name(self) -> str:
        """The kind."""
        return self.model.kind

    @cached_property
    def fields(self) -> dict[str, str]:
        """`{key: name of the model's field}`."""
        return {key.name: key.field or key.name for key in self.keys if isinstance(key, Key)}

    @cached_property
    def sections(self) -> list[Section]:
        return [key for key in self.keys if isinstance(key, Section)]

    @cached_property
    def body(self) -> str | None:
        """The key that is the text of a file, or None."""
        return next((key.name for key in self.keys if isinstance(key, Key) and key.is_body), None)

    @cached_property
    def words(self) -> set[str]:
        """The keys with which the public date moves."""
        return {key.name for key in self.keys if isinstance(key, Key) and key.is_words}

    @cached_property
    def defaults(self) -> DocumentDict:
        """What a missing key means."""
        plain = {key: as_plain(self.field(key).get_default()) for key in self.fields}
        return {key.name: plain.get(key.name, []) for key in self.keys}

    def field(self, key: str) -> Field:
        """The field of the model that is `key`."""
        return _field(self.model, self.fields[key])

    def is_relation(self, key: str) -> bool:
        """Whether the database itself makes sure that what `key` refers to exists."""
        return key not in self.fields or self.field(key).is_relation

    def read(self, uids: Sequence[str], *, lock: bool = False) -> dict[str, Saved]:
        """`{uid: Saved}` of those that exist, locked for update with `lock`; a few queries a batch."""
        found: dict[str, Saved] = {}
        for batch in in_batches(uids):
            found |= self._read_batch(batch, lock)
        return found

    def _read_batch(self, uids, lock):
        related = [name for key, name in self.fields.items() if self.field(key).is_relation]
        found = self.model._base_manager.filter(uid__in=uids).order_by("uid")
        rows = list((found.select_for_update(no_key=True) if lock else found).prefetch_related(*related))
        lists = {section.name: section.read([row.pk for row in rows]) for section in self.sections}
        saved = {}
        for row in rows:
            plain = {key: as_plain(getattr(row, name)) for key, name in self.fields.items()}
            plain |= {name: of_owner.get(row.pk, []) for name, of_owner in lists.items()}
            document = {key.name: plain[key.name] for key in self.keys}
            saved[row.uid] = Saved(document, row.version, getattr(row, "updated", None), row.was_public)
        return saved

    def normal(self, document: DocumentDict | None) -> DocumentDict | None:
        """`document` with the keys of today: unknown ones left out, missing ones as the default."""
        if document is None:
            return None
        return {key: document.get(key, default) for key, default in self.defaults.items()}

    def clean(self, document: DocumentDict) -> DocumentDict:
        """`document` with the keys of today and the values that the database would return.

        Raises ValidationError by key.
        """
        cleaned, errors = {}, {}
        cleaners = {section.name: section.clean for section in self.sections}
        for key, default in self.defaults.items():
            value = document.get(key, default)
            try:
                cleaned[key] = cleaners[key](value) if key in cleaners else self._clean_value(key, value)
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return cleaned

    def _clean_value(self, key, value):
        field = self.field(key)
        cleaned = clean_value(field, value)
        if isinstance(field, JSONField):
            field.validate(cleaned, None)
        return cleaned

    def label(self, key: str) -> Label:
        """The name of a key for people."""
        sections = {section.name: section.label for section in self.sections}
        return sections.get(key) or self.field(key).verbose_name

    def values(self, document: DocumentDict) -> Iterator[tuple[str, Field, DocumentDict, str]]:
        """`(place, field, holder, name)` of every value of `document`, which is `holder[name]`.

        The place is a key, or a section and a field of its entries: "sources", "steps.resources".
        """
        for key in self.fields:
            yield key, self.field(key), document, key
        for section in self.sections:
            for entry in [] if section.refers else document[section.name]:
                for name in section.fields:
                    yield f"{section.name}.{name}", _field(section.model, name), entry, name

    def label_of_place(self, place: str) -> Label:
        """The name of a place of `values()` for people."""
        key, _dot, name = place.partition(".")
        section = next((section for section in self.sections if section.name == key), None)
        if section is None or not name:
            return self.label(key)
        return f"{section.label}, {_field(section.model, name).verbose_name}"

    def shown(self, key: str) -> Callable[[Any], Any]:
        """A function that returns a value of `key` as people see it: a choice by its label."""
        labels = dict(self.field(key).choices or ()) if key in self.fields else {}
        return lambda value: str(labels[value]) if isinstance(value, str) and value in labels else value

    def row(self, uid: str, document: DocumentDict) -> "Document":
        """A row with the words of `document`, without its references and sections; not saved."""
        values = {
            name: self.field(key).to_python(document[key])
            for key, name in self.fields.items()
            if not self.field(key).is_relation
        }
        return self.model(uid=uid, **values)

    @cached_property
    def references(self) -> dict[str, str]:
        """`{key: kind whose uids it holds}`."""
        kinds = {key.name: key.refers for key in self.keys if isinstance(key, Key)}
        kinds |= {key: _kind_of(self.field(key)) for key in self.fields if not kinds[key]}
        kinds |= {section.name: section.refers for section in self.sections}
        return {key: kind for key, kind in kinds.items() if kind}


def _field(model: Any, name: str) -> Field:
    return model._meta.get_field(name)


def _kind_of(field):
    """The kind of document that a model's `field` refers to; empty where it is no relation."""
    return field.related_model.kind if field.related_model else ""


def clean_value(field: Field, value: Any) -> Any:
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


def read(items: Collection[Named]) -> dict[DocumentKey, Saved]:
    """`{(kind, uid): Saved}` of the documents that `items` name, as far as they exist."""
    found: dict[DocumentKey, Saved] = {}
    for kind, schema in KINDS.items():
        uids = [item.uid for item in items if item.kind == kind]
        found |= {(kind, uid): saved for uid, saved in schema.read(uids).items()}
    return found


def everything() -> list[Item]:
    """The `Item`s of the whole bank, in an order that no database's collation changes."""
    slugs = {kind: slugs_in_order(schema.model._base_manager.all()) for kind, schema in KINDS.items()}
    return list(items_of(slugs))


def slugs_in_order(rows: QuerySet[Any]) -> dict[str, str]:
    """`{uid: slug}` of `rows` of one kind, in the order of files."""
    has_position = "position" in KINDS[rows.model.kind].fields
    # Equal positions in the order of the site, so that a dump keeps it.
    names = ["position", "name", "slug", "uid"] if has_position else ["slug", "uid"]
    return {uid: slug for *_place, slug, uid in sorted(rows.order_by().values_list(*names))}


def items_of(uids: Mapping[str, Collection[str]]) -> Iterator[Item]:
    """The `Item`s of the documents `{kind: uids}`, in this order, read a batch at a time."""
    for kind, of_kind in uids.items():
        for batch in in_batches(list(of_kind)):
            found = KINDS[kind].read(batch)
            yield from (Item(kind, uid, found[uid].document) for uid in batch if uid in found)


def with_uids(items: Iterable[Item], *, in_bank: bool = True) -> list[Item]:
    """`items` with each reference as a uid.

    A reference may be a slug, of another item or (unless `in_bank` is false) of the database, or a
    uid. One that is neither stays as it is, and is refused when the document is written.
    """
    items = [Item(*item) for item in items]
    names = {
        kind: (_names_in_bank(schema, items) if in_bank else {}) | _names_in(items, kind)
        for kind, schema in KINDS.items()
    }
    return _translated(items, names)


def slugs_of(items: Iterable[Item]) -> dict[str, dict[str, str]]:
    """`{kind: {uid: slug}}` of `items`, all with documents."""
    slugs: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for kind, uid, document in items:
        slugs[kind][uid] = document["slug"] if document else ""
    return slugs


def with_slugs(items: Iterable[Item], slugs: dict[str, dict[str, str]]) -> Iterator[Item]:
    """`items` with each reference as its slug, if it is among `{kind: {uid: slug}}`."""
    named = (Item(*item) for item in items)
    return (item._replace(document=item.document and _with_names(item, slugs)) for item in named)


def _names_in(items, kind):
    of_kind = [item for item in items if item.kind == kind and item.document]
    uids = {item.uid: item.uid for item in of_kind}
    return uids | {item.document["slug"]: item.uid for item in of_kind if item.document.get("slug")}


def _names_in_bank(schema, items):
    wanted: set[str] = set()
    for item in items:
        for key, refers in KINDS[item.kind].references.items():
            if refers == schema.name and item.document:
                wanted.update(_references(item.document.get(key)))
    names: dict[str, str] = {}
    for batch in in_batches(sorted(wanted)):
        rows = schema.model._base_manager.filter(Q(uid__in=batch) | Q(slug__in=batch))
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
        return names.get(kind, {}).get(reference, reference) if isinstance(reference, str) else reference

    document = dict(item.document)
    for key, refers in KINDS[item.kind].references.items():
        value = document.get(key)
        if isinstance(value, list):
            document[key] = [name(refers, reference) for reference in value]
        elif value is not None:
            document[key] = name(refers, value)
    return document


def former_slugs_after(saved: Saved, document: DocumentDict) -> list[str]:
    """The former slugs of a document that was `saved` and becomes `document`.

    A slug that it gives up joins them, if it was public.
    """
    former = set(document["former"])
    if saved.document and saved.was_public and saved.document["slug"] != document["slug"]:
        former.add(saved.document["slug"])
    return sorted(former - {document["slug"]})


def as_plain(value: Any) -> Any:
    """A value of a model as a document has it."""
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "uid", value)


def in_batches(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """Lists of at most `BATCH` of `values`."""
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]
