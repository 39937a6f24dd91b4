"""Making rows equal to documents, many at a time.

`prepare()` reads, renders and validates, and writes nothing; `write()` and `remove()` only write.
So a transaction holds locks for no longer than the writing takes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from .documents import KINDS, DocumentKey, in_batches
from .fields import render_markdown, rendered_columns

if TYPE_CHECKING:
    from .changes import Change
    from .recorded import Document, Part

Model = TypeVar("Model", bound=models.Model)

WHAT_FOLLOWS = 20_261_128  # the key of an advisory lock; any number that no other program takes


def lock_what_follows() -> None:
    """Let one transaction at a time write what follows from documents: lists, ranks, the search index.

    Two at once would each compute from what the other has not committed. Held until the transaction ends.
    SQLite lets one write at a time anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WHAT_FOLLOWS])


def unrecorded(model: type[Model]) -> models.QuerySet[Model]:
    """Rows of `model` whose writes bypass history: for this module, and for what is in no document."""
    return models.QuerySet(model)


@dataclass
class Prepared:
    """What `write()` needs to write changes: the rows of their documents, rendered and not saved."""

    rows: dict[DocumentKey, "Document"] = field(default_factory=dict)
    entries: dict[DocumentKey, dict[str, list["Part"]]] = field(default_factory=dict)  # by section
    errors: dict[DocumentKey, dict[str, list[str]]] = field(default_factory=dict)  # messages by key

    def refuse(self, kind: str, uid: str, key: str, message: str) -> None:
        self.errors.setdefault((kind, uid), {}).setdefault(key, []).append(message)


def prepare(changes: "Sequence[Change]", progress: Callable[[int], None] | None = None) -> Prepared:
    """The `Prepared` rows of `changes`, with every rule that they break among its `errors`.

    `progress`, if given, is called with the number of documents that are ready, after each.
    """
    prepared = Prepared()
    for schema in KINDS.values():
        of_kind = [change for change in changes if change.kind == schema.name and change.after is not None]
        for change in of_kind:
            _prepare_row(prepared, schema, change)
            if progress:
                progress(len(prepared.rows))
        _check_references(prepared, schema, of_kind, changes)
        _check_unique(prepared, schema, of_kind, changes)
        _check_former_slugs(prepared, schema, of_kind, changes)
    return prepared


def check(changes: "Sequence[Change]") -> dict[DocumentKey, dict[str, list[str]]]:
    """The rules that each document of `changes` breaks by itself: messages by key. Nothing is rendered."""
    prepared = Prepared()
    for change in changes:
        if change.after is not None:
            _check_row(prepared, KINDS[change.kind], change)
    return prepared.errors


def _check_row(prepared, schema, change):
    """The row of a change, unless a rule is broken: that is noted."""
    row = prepared.rows[change.key] = schema.row(change.uid, change.after)
    names = {name: key for key, name in schema.fields.items()}
    relations = {name for key, name in schema.fields.items() if schema.field(key).is_relation}
    try:
        row.clean_fields(exclude={field.name for field in row._meta.fields} - names.keys() | relations)
        row.check_whole()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            prepared.errors.setdefault(change.key, {})[names[name]] = messages
        return None
    return row


def _prepare_row(prepared, schema, change):
    row = _check_row(prepared, schema, change)
    if row is None:
        return
    render_markdown(row)
    lists = prepared.entries[change.key] = {}
    for section in schema.sections:
        if not section.refers and _differs(change, section.name):
            entries = enumerate(change.after[section.name], start=1)
            lists[section.name] = [section.row(entry, position) for position, entry in entries]
            for entry in lists[section.name]:
                render_markdown(entry)


def _check_references(prepared, schema, of_kind, changes):
    for key, refers in schema.references.items():
        wanted = {uid for change in of_kind for uid in _as_list(change.after[key])}
        in_set = {change.uid: change.after for change in changes if change.kind == refers}
        known = {uid for uid in wanted if in_set.get(uid) is not None}
        model = KINDS[refers].model
        for batch in in_batches(sorted(wanted - in_set.keys())):
            known.update(model._base_manager.filter(uid__in=batch).values_list("uid", flat=True))
        text = _("There is no %(kind)s “%(name)s”.")
        for change in of_kind:
            # What it referred to before may be gone since, where nothing forces the two to agree.
            had = _as_list((change.before or {}).get(key))
            for uid in _as_list(change.after[key]):
                is_free = not schema.is_relation(key) and (not uid or uid in had)
                if uid not in known and not is_free:
                    message = text % {"kind": model._meta.verbose_name, "name": uid}
                    prepared.refuse(schema.name, change.uid, key, message)


def _check_unique(prepared, schema, of_kind, changes):
    """Refuse what two documents of the set, or one of it and another of the bank, both want."""
    in_set = {change.uid for change in changes if change.kind == schema.name}
    for key in _unique_keys(schema):
        owners: dict[str, list[str]] = {}
        for change in of_kind:
            owners.setdefault(change.after[key], []).append(change.uid)
        field = schema.field(key)
        taken = {value for value, uids in owners.items() if len(uids) > 1}
        for batch in in_batches(sorted(owners)):
            rows = schema.model._base_manager.order_by().filter(**{f"{field.name}__in": batch})
            taken.update(value for uid, value in rows.values_list("uid", field.name) if uid not in in_set)
        for uid in (uid for value in taken for uid in owners[value]):
            row = prepared.rows[schema.name, uid]
            error = row.unique_error_message(schema.model, (field.name,))
            prepared.refuse(schema.name, uid, key, error.messages[0])


def _check_former_slugs(prepared, schema, of_kind, changes):
    ended = [c for c in changes if c.kind == schema.name and c.before and c.after is None]
    owners = {change.after["slug"]: change.uid for change in of_kind}
    for change in of_kind:
        for slug in change.after["former"]:
            if owners.setdefault(slug, change.uid) != change.uid:
                message = _("“%(slug)s” is an address of another document, too.") % {"slug": slug}
                prepared.refuse(schema.name, change.uid, "former", message)
    in_set = {change.uid for change in [*of_kind, *ended]}
    for slug, uid in _live(schema, {slug for change in of_kind for slug in change.after["former"]}):
        if uid not in in_set:
            message = _("“%(slug)s” is the address of another page.") % {"slug": slug}
            prepared.refuse(schema.name, owners[slug], "former", message)
    given_up = {s for c in of_kind if c.before for s in c.before["former"] if s not in c.after["former"]}
    given_up |= {slug for change in ended for slug in change.before["former"]}
    for slug, message in schema.model.objects.refuse_slugs(owners).items():
        if slug not in given_up:
            prepared.refuse(schema.name, owners[slug], "slug", message)


def _live(schema, slugs):
    """(slug, uid) of the documents at these addresses."""
    for batch in in_batches(sorted(slugs)):
        yield from schema.model._base_manager.order_by().filter(slug__in=batch).values_list("slug", "uid")


def write(changes: "Sequence[Change]", prepared: Prepared) -> None:
    """Make the rows of `changes` equal to the documents after them. Raises IntegrityError."""
    for schema in KINDS.values():
        _free_what_moves(schema, [change for change in changes if change.kind == schema.name])
        of_kind = [change for change in changes if change.kind == schema.name and change.after is not None]
        for batch in in_batches(of_kind):
            _write_batch(schema, batch, prepared)


def _free_what_moves(schema, changes):
    """Give up unique values that change or end, so that other documents of the set can have them."""
    for key in _unique_keys(schema):
        moving = [c.uid for c in changes if c.before and (c.after is None or _differs(c, key))]
        for batch in in_batches(moving):
            # A tilde is in no address, and no name that a person gave is a tilde and a number.
            parked = Concat(Value("~"), Cast("pk", CharField()))
            unrecorded(schema.model).filter(uid__in=batch).update(**{schema.fields[key]: parked})


def _write_batch(schema, changes, prepared):
    rows = unrecorded(schema.model)
    row_of = {change.uid: prepared.rows[change.key] for change in changes}
    for key in schema.fields:
        if schema.field(key).is_relation:
            pks = _pks(schema.references[key], [change.after[key] for change in changes])
            for change in changes:
                setattr(row_of[change.uid], schema.field(key).attname, pks[change.after[key]])
    for change in changes:
        row_of[change.uid].version = change.base
        row_of[change.uid].sort_key = row_of[change.uid].sort_key_now()
    # A new row must not overwrite one that somebody else has made at this moment.
    rows.bulk_create(row_of[change.uid] for change in changes if change.before is None)
    rows.bulk_create(
        (row_of[change.uid] for change in changes if change.before is not None),
        update_conflicts=True,
        unique_fields=["uid"],
        update_fields=[*schema.fields.values(), "sort_key", *rendered_columns(schema.model)],
    )
    owners = _pks(schema.name, row_of)
    for section in schema.sections:
        differing = [change for change in changes if _differs(change, section.name)]
        if section.refers:
            lists = _references_as_rows(section, differing)
        else:
            lists = {c.uid: prepared.entries[c.key][section.name] for c in differing}
        _write_section(section, {owners[uid]: rows for uid, rows in lists.items()})


def _write_section(section, lists):
    """Make the rows of a section equal to `lists`, `{pk of the owner: rows without their owner}`."""
    rows = unrecorded(section.model)
    owner, match = (section.model._meta.get_field(name).attname for name in (section.owner, section.match))
    for pk, of_owner in lists.items():
        for row in of_owner:
            setattr(row, owner, pk)
    wanted = [row for of_owner in lists.values() for row in of_owner]
    stay = {(getattr(row, owner), getattr(row, match)) for row in wanted}
    present = rows.filter(**{f"{owner}__in": list(lists)}).values_list("pk", owner, match)
    for batch in in_batches([pk for pk, *place in present if tuple(place) not in stay]):
        rows.filter(pk__in=batch).delete()
    columns = [*section.fields, *rendered_columns(section.model), *(["position"] if section.ordered else [])]
    if columns:
        unique = [section.owner, section.match]
        rows.bulk_create(wanted, update_conflicts=True, unique_fields=unique, update_fields=columns)
    else:
        rows.bulk_create(wanted, ignore_conflicts=True)


def _references_as_rows(section, changes):
    """`{uid of the owner: rows}` of a section whose entries are references."""
    pks = _pks(section.refers, [uid for change in changes for uid in change.after[section.name]])
    match = section.model._meta.get_field(section.match).attname
    return {
        change.uid: [
            section.model(**{match: pks[uid]}, **section.place(position))
            for position, uid in enumerate(change.after[section.name], start=1)
        ]
        for change in changes
    }


def remove(changes: "Sequence[Change]") -> "list[Change]":
    """Delete the rows of `changes`, those that refer to others first.

    Returns the changes that cannot be made, because documents outside of them refer to theirs.
    Raises ProtectedError.
    """
    in_set = {change.key for change in changes}
    refused = []
    for schema in reversed(KINDS.values()):
        gone = [change for change in changes if change.kind == schema.name and change.after is None]
        for batch in in_batches(gone):
            rows = schema.model.objects.filter(uid__in=[change.uid for change in batch])
            if _others(rows, in_set):
                refused += [c for c in batch if _others(schema.model.objects.filter(uid=c.uid), in_set)]
            else:
                unrecorded(schema.model).filter(pk__in=rows.values("pk")).delete()
    return refused


def _others(rows, in_set):
    return {(kind, uid) for kind, uids in rows.deleting().items() for uid in uids} - in_set


def _pks(kind, uids):
    """`{uid: pk}` of documents of `kind`. Raises IntegrityError where one does not exist any more."""
    rows = KINDS[kind].model._base_manager.order_by()
    pks: dict[str, int] = {}
    for batch in in_batches(sorted(set(uids))):
        pks |= dict(rows.filter(uid__in=batch).values_list("uid", "pk"))
    if missing := set(uids) - pks.keys():
        raise IntegrityError(f"There is no {kind} {', '.join(sorted(missing))} any more.")
    return pks


def _unique_keys(schema):
    return [key for key in schema.fields if schema.field(key).unique]


def _differs(change, key):
    return change.before is None or change.before.get(key) != change.after[key]


def _as_list(value):
    return value if isinstance(value, list) else [value]
