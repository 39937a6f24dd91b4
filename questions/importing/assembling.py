"""From what was planned to what is applied: the items that are taken, in which status, and in which role."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from ..changes import Change
from ..documents import KINDS, DocumentDict, DocumentKey, Item
from ..models import Category, Role, Status
from ..refusals import Incomplete
from .candidates import is_described
from .names import Names
from .planning import OF_FILES, SAME, last_changes, merged, status_of, taken_back, without_missing

ItemDict: TypeAlias = dict[str, Any]  # an item as an `Import` keeps it
OF_FILE = "file"  # in place of a role's id: the role that the file describes


@dataclass
class Choices:
    """As what the items come in."""

    status: str = Status.DRAFT
    role: str = ""  # the id of a role, or `OF_FILE`; empty for none
    name: str = ""  # of the role of the file
    category: str = ""
    makes_topics: bool = True


def final_changes(
    items: Sequence[ItemDict],
    planned: "dict[DocumentKey, Change]",
    choices: Choices,
    role: DocumentDict | None = None,
) -> list[Change]:
    """The changes that are left of those `planned`, now that it is known what is taken, and as what.

    Their bases stay, so that what has moved on since is a conflict. `role` is that of the file, as
    `{"uid", "values"}`. Raises Invalid.
    """
    taken = [item for item in items if item["taken"]]
    as_changes = [item for item in taken if item.get("as") == "change"]
    own = [item for item in taken if item.get("as") != "change"]
    changes = [planned[_key(item)] for item in own if _key(item) in planned]
    said = {_key(item): item.get("status", "") for item in taken}
    for change in changes:
        _settle(change, choices.status, said.get(change.key, ""))
    changes += _changes_of_others(as_changes, planned)
    without_missing(changes, _replaced(items))
    if not choices.makes_topics:
        _leave_topics_off(changes, planned, items)
    changes += _needed(changes, planned, items)
    if choices.role:
        changes += _placed(items, changes, choices, role)
    return [change for change in changes if change.before != change.after]


def _key(item: ItemDict) -> DocumentKey:
    return item["kind"], item["uid"]


def _settle(change, wanted, said):
    """Give a new document the status in which it comes in; bank files say which, once it is to be public."""
    if not comes_in(change) or "status" not in change.after:
        return
    wanted = said if said and wanted == Status.PUBLISHED else wanted
    if change.kind == "question":
        change.after["status"] = status_of(change.after, wanted)
    elif wanted == Status.PUBLISHED and change.after.get("intro"):
        change.after["status"] = Status.PUBLISHED


def comes_in(change: Change) -> bool:
    """Whether a change makes something new, or brings back what was retired."""
    before, after = change.before or {}, change.after or {}
    return not before or (before.get("status") == Status.RETIRED and after.get("status") != Status.RETIRED)


def _replaced(items):
    """`{(kind, id in the files): id in the bank}` of what is in the bank under another id."""
    replaced = {(item["kind"], item["was"]): item["uid"] for item in items if item.get("was")}
    others = {_key(item): item["like"] for item in items if item["taken"] and item.get("as") == "change"}
    return replaced | others


def _changes_of_others(items, planned):
    """The changes of questions that near-duplicates are taken as."""
    saved = KINDS["question"].read([item["like"] for item in items])
    documents: dict[str, DocumentDict] = {}
    for item in items:
        uid = item["like"]
        change, other = planned.get(_key(item)), saved.get(uid)
        if change and change.after and other and other.document:
            documents[uid] = merged(documents.get(uid) or other.document, change.after, joins_topics=True)
    return Change.objects.towards(
        [Item("question", uid, each) for uid, each in documents.items()], by_uid=True
    )


def _leave_topics_off(changes, planned, items):
    of_items = {_key(item) for item in items}
    made = {uid for kind, uid in planned.keys() - of_items if kind == "topic"}
    for change in changes:
        if change.kind == "question":
            change.after["topics"] = [uid for uid in change.after["topics"] if uid not in made]


def _needed(changes, planned, items):
    """The planned changes of topics and categories to which `changes` refer, taken or not."""
    here = {change.key for change in changes}
    needed: dict[DocumentKey, Change] = {}
    for change in changes:
        for key, refers in KINDS[change.kind].references.items():
            if refers not in {"topic", "category"}:
                continue
            value = change.after[key]
            for uid in value if isinstance(value, list) else [value]:
                other = planned.get((refers, uid))
                if other and other.key not in here:
                    needed[other.key] = other
    return list(needed.values())


# The role


def _placed(
    items: Sequence[ItemDict], changes: list[Change], choices: Choices, role: DocumentDict | None
) -> list[Change]:
    """The changes that place the questions: those that are taken, and those that are in the bank already."""
    in_set = {change.uid for change in changes if change.kind == "question"}
    uids = [
        _placed_as(item)
        for item in items
        if item["kind"] == "question" and (_placed_as(item) in in_set or item["verdict"] == SAME)
    ]
    uids = list(dict.fromkeys(uids))
    if choices.role == OF_FILE:
        return role_changes(role, uids, choices) if role else []
    before = _role(choices.role)
    if before is None:
        raise Incomplete(_("The role that was chosen is not in the bank any more: choose another."))
    document = before | {"questions": _joined(before["questions"], uids)}
    return Change.objects.towards([Item("role", choices.role, document)], by_uid=True)


def _role(uid: str) -> DocumentDict | None:
    """The document of a role that exists."""
    saved = KINDS["role"].read([uid]).get(uid)
    return saved.document if saved else None


def _placed_as(item):
    return item["like"] if item.get("as") == "change" else item["uid"]


def _joined(before: Sequence[str], more: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*before, *more]))


def role_changes(role: DocumentDict, uids: Collection[str], choices: Choices) -> list[Change]:
    """The changes that make the role that a file describes, with `uids` as its questions. Raises Invalid."""
    saved = KINDS["role"].read([role["uid"]])
    before = (saved[role["uid"]].document if saved else None) or {}
    values = role["values"] | {key: before[key] for key in ("name", "category") if key in before}
    categories = Names("category", may_make=True)
    document = before | {key: value for key, value in values.items() if value}
    document |= {
        "name": choices.name or values["name"],
        "category": categories.uid(choices.category or values["category"] or first_category()),
        "questions": _joined(before.get("questions", []), uids),
    }
    if not before or taken_back({"role": saved}):
        is_public = choices.status == Status.PUBLISHED and document.get("intro")
        document["status"] = Status.PUBLISHED if is_public else Status.DRAFT
    last = Category.objects.order_by("-position").values_list("position", flat=True).first() or 0
    made = [
        Item("category", uid, each | {"position": last + place})
        for place, (uid, each) in enumerate(categories.made.items(), start=1)
    ]
    return Change.objects.towards([*made, Item("role", role["uid"], document)], by_uid=True)


def first_category() -> str:
    """The name of the category of a role that says none."""
    return Category.objects.values_list("name", flat=True).first() or _("Other")


def role_to_start_with(role: DocumentDict | None) -> str:
    """Where the questions of a file are placed unless somebody chooses.

    In the role that it describes, or that an earlier import made of it; where the bank has one of that name
    from elsewhere, or a curator has changed it since, at the end of that. A list that has no more than a
    title makes a role only where somebody chooses so.
    """
    if role is None:
        return ""
    roles = Role.objects.order_by("pk")
    if roles.filter(uid=role["uid"]).exists():
        last = last_changes([Change(kind="role", uid=role["uid"])]).get(("role", role["uid"]))
        return OF_FILE if not last or last["changeset__source"] in OF_FILES else role["uid"]
    if not is_described(role["values"]):
        return ""
    namesake = roles.filter(name__iexact=role["values"]["name"]).values_list("uid", flat=True).first()
    return namesake or OF_FILE
