"""An import from files to the bank: planned, looked through, edited, and applied as one change set."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import text as texts
from .. import writing
from ..changes import Change, ChangeSet
from ..documents import DocumentDict
from ..imported import Import
from ..readers.reading import MAX_QUESTIONS, UnreadableFile, has_answer
from ..refusals import Closed, Incomplete, Invalid
from .assembling import Choices, ItemDict, comes_in, final_changes, role_to_start_with
from .candidates import Candidate, Source, all_of
from .planning import CHANGED, NEAR, NEW, SAME, WRONG, Plan, Planned, plan, reason_of

Progress = Callable[[int, int], None]  # how many of how many


class Outcome(NamedTuple):
    """What an applied import made."""

    drafts: int
    published: int
    in_review: int
    changed: int
    roles: int

    def __str__(self):
        """“Imported 190: 172 drafts, 18 changes.”"""
        parts = [
            (ngettext("%(n)s draft", "%(n)s drafts", self.drafts), self.drafts),
            (_("%(n)s in review"), self.in_review),
            (_("%(n)s published"), self.published),
            (ngettext("%(n)s change", "%(n)s changes", self.changed), self.changed),
            (ngettext("%(n)s role", "%(n)s roles", self.roles), self.roles),
        ]
        said = ", ".join(part % {"n": number} for part, number in parts if number)
        total = _("Imported %(n)s") % {"n": self.total}
        return f"{total}: {said}." if said else f"{total}."

    @property
    def total(self) -> int:
        return self.drafts + self.published + self.in_review + self.changed


def read_through(sources: Sequence[Source], user: User | None, progress: Progress | None = None) -> Import:
    """An `Import` with its planned set, both saved: what would become of all that the files hold."""
    result, changeset = _planned(all_of(sources), user, sources, progress)
    row = _row_of(sources, changeset, [item_of(entry) for entry in result.entries])
    row.choices = asdict(Choices(role=role_to_start_with(row.role)))
    row.save()
    return row


def _row_of(sources, changeset, items):
    left_over = [
        {"file": source.name, "line": left.line, "text": left.text}
        for source in sources
        for left in source.reading.left_over
    ]
    warnings = [
        {"file": source.name, "line": remark.line, "message": remark.message}
        for source in sources
        for remark in source.reading.warnings
    ]
    values = {
        "names": [source.name for source in sources],
        "forms": [source.reading.form for source in sources],
        "items": items,
        "left_over": left_over,
        "warnings": warnings,
        "role": role_of(sources),
    }
    # What is wrong or left over has passed no field that would have cleaned it.
    values = {key: texts.in_all(value, texts.fit) for key, value in values.items()}
    return Import(changeset=changeset, counts=counts_of(items), **values)


def _planned(candidates, user, sources, progress=None):
    """The plan for `candidates` and its saved set. What cannot be rendered is wrong, too."""
    if len(candidates) > MAX_QUESTIONS:
        raise UnreadableFile(
            _("%(n)s items are more than the %(most)s that are taken at once: send fewer files.")
            % {"n": f"{len(candidates):,}", "most": f"{MAX_QUESTIONS:,}"}
        )
    result = plan(candidates, user)
    while True:
        changes = result.changes()
        try:
            changeset = ChangeSet.objects.planned(
                changes,
                progress=_of(len(changes), progress),
                author=user,
                source=ChangeSet.Source.IMPORT,
                summary=summary_of(sources),
            )
        except Invalid as invalid:
            refuse(result, invalid)
        else:
            return result, changeset


def _of(count, progress):
    """`progress` for what reports only how many are done."""
    return progress and (lambda done: progress(done, count))


def refuse(result: Plan, invalid: Invalid) -> None:
    """Note what is wrong with the entries whose changes break rules. Raises Invalid if none does."""
    errors = {change.key: error for change, error in invalid.errors}
    if not errors.keys() & {change.key for change in result.changes()}:
        raise invalid
    result.extra[:] = [change for change in result.extra if change.key not in errors]
    for entry in result.entries:
        if entry.change and entry.change.key in errors:
            entry.reason = reason_of(entry.change.kind, errors[entry.change.key].message_dict)
            entry.verdict, entry.change, entry.taken, entry.may_be_taken = WRONG, None, False, False


def summary_of(sources: Iterable[Source]) -> str:
    return (_("Import of %(names)s") % {"names": ", ".join(source.name for source in sources)})[:300]


def role_of(sources: Sequence[Source]) -> DocumentDict | None:
    """The role that a file describes, as an `Import` keeps it; with several files, the first one."""
    role = next((source.role for source in sources if source.role), None)
    return {"uid": role.uid, "values": role.values | {"questions": []}} if role else None


# Items


def item_of(entry: Planned) -> ItemDict:
    """An entry as an `Import` keeps it: with all that is in no change."""
    candidate = entry.candidate
    document = entry.change.after if entry.change else candidate.values
    item: ItemDict = {
        "kind": candidate.kind,
        "uid": candidate.uid,
        "file": candidate.file,
        "line": candidate.line,
        "sure": candidate.sure,
        "verdict": entry.verdict,
        "reason": entry.reason,
        "taken": entry.taken,
        "may": entry.may_be_taken,
        "answered": candidate.kind != "question" or has_answer((document or {}).get("answer", "")),
        "name": candidate.name,
        "source": candidate.source,
    }
    if candidate.was:
        item["was"] = candidate.was
    if candidate.is_whole:
        item["whole"] = True
        item |= {key: candidate.values[key] for key in ("status",) if key in candidate.values}
    if entry.like:
        item |= {"like": entry.like, "like_name": entry.like_name, "like_in_bank": entry.like_in_bank}
    if entry.change is None:
        item["found"] = candidate.values
    return item


def candidate_of(item: ItemDict, change: Change | None, **values: object) -> Candidate:
    """The candidate that an item was, with other `values` where some are given."""
    after, before = (change.after or {}, change.before or {}) if change else ({}, {})
    if change is None:
        found = item.get("found", {})
    elif item.get("whole"):
        found = after | {"status": item["status"]} if "status" in item else after
    else:
        keys = after.keys() - {"slug", "former", "status"}
        found = {key: after[key] for key in keys if after[key] != before.get(key)}
    return Candidate(
        item["kind"],
        item["uid"],
        found | values,
        item["file"],
        item["line"],
        item["sure"],
        is_whole=item.get("whole", False),
        source=item["source"],
        is_settled=True,
    )


def counts_of(items: Iterable[ItemDict]) -> dict[str, int]:
    """How many items there are of each verdict, without an answer, and not sure."""
    items = list(items)
    counts = Counter(item["verdict"] for item in items)
    counts["all"] = len(items)
    counts["no-answer"] = sum(not item["answered"] for item in items)
    counts["not-sure"] = sum(not item["sure"] for item in items)
    return dict(counts)


# At once


class Result(NamedTuple):
    """What an import that nobody looks through first would do, or has done."""

    items: list[ItemDict]
    changes: list[Change]
    counts: dict[str, int]
    outcome: Outcome


def weigh(sources: Sequence[Source], choices: Choices) -> Result:
    """What an operator's import would do: every item that is taken by default, as `choices` say."""
    result = plan(all_of(sources))
    while True:
        planned = {change.key: change for change in result.changes()}
        items = [item_of(entry) for entry in result.entries]
        changes = final_changes(items, planned, choices, role_of(sources))
        if not (errors := writing.check(changes)):
            return Result(items, changes, counts_of(items), outcome_of(changes))
        refuse(result, Invalid([(c, ValidationError(errors[c.key])) for c in changes if c.key in errors]))


def import_at_once(
    sources: Sequence[Source], result: Result, choices: Choices, progress: Progress | None = None
) -> ChangeSet:
    """Apply what `weigh()` found, in the name of no person. Raises what `ChangeSet.apply()` raises."""
    changeset = ChangeSet.objects.planned(
        result.changes,
        progress=_of(len(result.changes), progress),
        source=ChangeSet.Source.IMPORT,
        summary=summary_of(sources),
    )
    with changeset.removed_if_it_fails():
        row = _row_of(sources, changeset, result.items)
        row.choices, row.counts = asdict(choices), result.counts | {"outcome": result.outcome._asdict()}
        row.save()
        changeset.apply()
    return changeset


# Choosing and editing


def keep_choices(row: Import, shown: Iterable[int], taken: Iterable[int], ways: Mapping[int, str]) -> None:
    """Keep which of the items with the numbers `shown` are taken, and what near-duplicates become."""
    taken = set(taken)
    with row.locked() as now:
        before = [(item["taken"], item.get("as")) for item in now.items]
        for number in shown:
            if 0 <= number < len(now.items):
                _choose(now.items[number], number in taken, ways.get(number))
        now.is_touched = before != [(item["taken"], item.get("as")) for item in now.items]


def _choose(item, is_taken, way):
    if way is not None and item["verdict"] == NEAR:
        item["as"] = "change" if way == "change" and item.get("like_in_bank") else "new"
        is_taken = way != "out"
    item["taken"] = item["may"] and item["verdict"] not in {SAME, WRONG} and is_taken


def take_all(row: Import, numbers: Iterable[int], *, taken: bool, near: bool) -> None:
    """Take all items with these numbers, or leave them out; near-duplicates are only taken if `near`."""
    with row.locked() as now:
        for number in numbers:
            item = now.items[number]
            if near or not taken or item["verdict"] != NEAR:
                _choose(item, taken, None)


def edit(
    row: Import, number: int, values: DocumentDict, seen: str, user: User, left_over: int | None = None
) -> Planned:
    """Give an item other words, and judge it again; `seen` is the digest of the item that was edited.

    `left_over` is the line that goes with it, and is left over no more.
    """
    item = row.items[number]
    change = row.changeset.changes.filter(kind=item["kind"], uid=item["uid"]).first()
    candidate = candidate_of(item, change, **values)
    if change is None and item["verdict"] == SAME:
        raise Incomplete(_("There is nothing to edit: it is in the bank already."))
    result = plan([candidate], user)
    (entry,) = result.entries
    if entry.change:
        try:
            ChangeSet().prepare(result.changes())
        except Invalid as invalid:
            refuse(result, invalid)
    with row.locked() as now:
        if digest_of(now.items[number]) != seen:
            raise Closed(_("This item was changed in another window meanwhile: look at it again."))
        _replace(now, number, item, entry, result.extra)
        if left_over is not None:
            if now.left_over[left_over : left_over + 1] != row.left_over[left_over : left_over + 1]:
                raise Closed(_("The lines that are left over are other ones by now: look at them again."))
            del now.left_over[left_over]
        now.counts = counts_of(now.items)
    return entry


def _replace(now, number, item, entry, extra):
    others = {
        (each["kind"], each["uid"])
        for each in now.items
        if each is not now.items[number] and each["verdict"] != SAME
    }
    if entry.candidate.key in others:
        raise Incomplete(_("Another item of this import is that question already."))
    changes = now.changeset.changes
    changes.filter(kind=item["kind"], uid=item["uid"]).delete()
    known = set(changes.filter(kind="topic").values_list("kind", "uid"))
    new = [change for change in extra if change.key not in known]
    now.changeset.add([*new, *([entry.change] if entry.change else [])])
    edited = item_of(entry) | {"edited": item.get("edited", 0) + 1}
    if entry.verdict in {NEW, CHANGED}:
        edited["taken"] = entry.may_be_taken  # whoever edits it wants it
    elif "as" in item:
        edited |= {"as": item["as"], "taken": item["taken"]}
    now.items[number] = edited


def give(row: Import, left: int, text: str, number: int, user: User) -> Planned:
    """Give a line that is left over to the answer of an item; `text` is the line as it was shown."""
    if row.left_over[left]["text"].strip() != text.strip():
        raise Closed(_("The lines that are left over are other ones by now: look at them again."))
    item = row.items[number]
    change = row.changeset.changes.filter(kind=item["kind"], uid=item["uid"]).first()
    document = (change and change.after) or item.get("found", {})
    answer = f"{document.get('answer', '')}\n\n{row.left_over[left]['text'].strip()}".strip()
    return edit(row, number, {"answer": answer}, digest_of(item), user, left)


def keep_as_what(row: Import, choices: Choices) -> None:
    with row.locked() as now:
        now.is_touched = now.choices != asdict(choices)
        now.choices = asdict(choices)


def discard(row: Import) -> None:
    """Remove an import that nobody has applied, with its plan."""
    with row.locked() as now:
        now.is_touched = False
        now.changeset.delete()


def digest_of(item: ItemDict) -> str:
    """Differs where the item is another one by now."""
    words = {key: value for key, value in item.items() if key not in {"taken", "as"}}
    return sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:16]


# Applying


def apply(row: Import, user: User | None, choices: Choices, version: int) -> Outcome:
    """Write what is taken, in one change set: all or nothing.

    Raises Closed if the import was changed or applied meanwhile, Incomplete if nothing is taken, and what
    `ChangeSet.apply()` raises.
    """
    if row.version != version:
        raise Closed(_("Something was chosen or edited in another window meanwhile: look at it again."))
    changeset = row.changeset
    changeset.reviewer = user
    planned = {change.key: change for change in changeset.planned_changes()}
    changes = final_changes(row.items, planned, choices, row.role)
    if not changes:
        raise Incomplete(_("Nothing is chosen, so nothing was imported."))
    changeset.check_rights(changes)
    changeset.prepare(changes)
    with row.locked() as now:
        if now.version != version:
            raise Closed(_("Something was chosen or edited in another window meanwhile: look at it again."))
        changeset.changes.all().delete()
        for change in changes:
            change.pk, change.changeset, change.is_completed = None, changeset, False
        changeset.apply(user)
        outcome = outcome_of(changes)
        now.choices, now.counts = asdict(choices), now.counts | {"outcome": outcome._asdict()}
        now.changeset = changeset
    return outcome


def outcome_of(changes: Iterable[Change]) -> Outcome:
    questions = [change for change in changes if change.kind == "question"]
    new = Counter(change.after["status"] for change in questions if change.after and comes_in(change))
    return Outcome(
        new["draft"] + new["retired"],
        new["published"],
        new["review"],
        sum(not comes_in(change) for change in questions),
        sum(change.kind == "role" for change in changes),
    )


def plan_again(row: Import, user: User | None) -> None:
    """Judge all items again by what the bank holds now; the choices are kept where they can be."""
    planned = {change.key: change for change in row.changeset.planned_changes()}
    candidates = [candidate_of(item, planned.get((item["kind"], item["uid"]))) for item in row.items]
    result = plan(candidates, user)
    try:
        ChangeSet().prepare(result.changes())
    except Invalid as invalid:
        refuse(result, invalid)
    with row.locked() as now:
        if now.version != row.version:
            return
        for number, (entry, item) in enumerate(zip(result.entries, now.items, strict=True)):
            again = item_of(entry)
            # What a curator changed since is left out whatever was chosen before that.
            is_as_seen = all(again[key] == item[key] for key in ("verdict", "reason"))
            if is_as_seen and again["may"]:
                again |= {key: item[key] for key in ("taken", "as") if key in item}
            again |= {key: item[key] for key in ("edited",) if key in item}
            now.items[number] = again
        now.counts = counts_of(now.items)
        now.changeset.changes.all().delete()
        now.changeset.add(result.changes())
