"""What would become of candidates: a verdict on each, and the changes that make them documents.

Nothing is written here. A candidate is the document that an earlier import of the same source made of it,
the question of the bank that it names by its id, or something new.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .. import writing
from ..changes import REVIEW, Change, ChangeSet, own_drafts
from ..documents import KINDS, DocumentDict, DocumentKey, Item, Saved, in_batches, with_uids
from ..fields import slug_of
from ..likeness import Likeness
from ..models import FormerSlug, Question, Status, Synonym
from ..readers.reading import has_answer
from ..refusals import Invalid
from .candidates import Candidate, words_of
from .names import Names
from .recognising import recognise, texts_of

Progress = Callable[[int, int], None]  # how many of how many

NEW, CHANGED, SAME, NEAR, WRONG = "new", "changed", "same", "near-duplicate", "wrong"
OF_FILES = {ChangeSet.Source.IMPORT, ChangeSet.Source.LOAD}  # sets that no curator wrote
COMPARED = 200  # questions with which each new one is compared
SAID = {"question", "difficulty", "answer", "key_points", "topics"}  # keys of which files speak


@dataclass
class Planned:
    """A candidate, what would become of it, and why."""

    candidate: Candidate
    verdict: str = WRONG
    reason: str = ""
    like: str = ""  # the id of the question that it is like, of the bank or of the same files
    like_name: str = ""
    like_in_bank: bool = False
    change: Change | None = None
    taken: bool = False
    may_be_taken: bool = True

    @property
    def has_same_words(self) -> bool:
        """Whether the question that it is like has its very words."""
        return words_of(self.like_name) == words_of(self.candidate.name)


@dataclass
class Plan:
    """What would become of all candidates, and the topics that they need and the bank does not have."""

    entries: list[Planned] = field(default_factory=list)
    extra: list[Change] = field(default_factory=list)
    replaced: dict[DocumentKey, str] = field(default_factory=dict)  # ids in the files by ids of the bank

    def changes(self) -> list[Change]:
        """All changes, of which none refers to what is wrong; what then changes nothing is the same."""
        changes = [*self.extra, *(entry.change for entry in self.entries if entry.change)]
        without_missing(changes, self.replaced)
        for entry in self.entries:
            if entry.change and entry.change.before == entry.change.after:
                entry.verdict, entry.reason, entry.change, entry.taken = SAME, "", None, False
        return [change for change in changes if change.before != change.after]


def plan(candidates: Sequence[Candidate], user: User | None = None) -> Plan:
    """What would become of `candidates` if `user` imported them; None is an operator."""
    return _Planner(candidates, user).plan()


class _Planner:
    def __init__(self, candidates, user):
        self.entries = [Planned(candidate) for candidate in candidates]
        self.user = user
        self.is_editor = user is None or user.has_perm(REVIEW)
        self.names = Names("topic", may_make=self.is_editor)
        self.replaced: dict[DocumentKey, str] = {}

    def plan(self) -> Plan:
        self.find_documents()
        self.find_likes()
        self.propose()
        self.judge()
        plan = Plan(self.entries, self.names.planned, self.replaced)
        plan.changes()
        return plan

    # Which documents the candidates are

    def find_documents(self):
        """Give each candidate the id of the document that it is, if there is one."""
        self.find_by_address()
        questions = [entry.candidate for entry in self.entries if entry.candidate.kind == "question"]
        open_ones = [each for each in questions if not each.is_whole and not each.is_settled]
        claimed = {each.uid for each in questions if each.is_whole or each.is_settled}
        self.doubtful = recognise(open_ones, claimed)

    def find_by_address(self):
        """A topic, category or role of another bank is ours where it has the same address."""
        for kind, schema in KINDS.items():
            whole = [e.candidate for e in self.entries if e.candidate.kind == kind and e.candidate.is_whole]
            if not whole or kind == "question":
                continue
            rows = schema.model._base_manager.filter(slug__in=[c.values.get("slug", "") for c in whole])
            by_slug = dict(rows.order_by().values_list("slug", "uid"))
            claimed = {candidate.uid for candidate in whole}
            for candidate in whole:
                uid = by_slug.get(candidate.values.get("slug", ""))
                if uid and uid not in claimed:
                    claimed.add(uid)
                    self.replace(candidate, uid)

    def replace(self, candidate, uid):
        """The candidate is the document `uid` of the bank, whatever its own bank calls it."""
        self.replaced[candidate.key] = uid
        candidate.was, candidate.uid = candidate.uid, uid

    # What they are like

    def find_likes(self):
        """Find, for each question that is none of the bank's, the one that it is most like."""
        self.saved = {kind: schema.read(self.uids(kind)) for kind, schema in KINDS.items()}
        self.returning = taken_back(self.saved)
        new = [
            entry
            for entry in self.entries
            if entry.candidate.kind == "question" and entry.candidate.uid not in self.saved["question"]
        ]
        if not new:
            return
        bank = dict(Question.objects.exclude(status=Status.RETIRED).order_by("pk").values_list("uid", "text"))
        texts = bank | {entry.candidate.uid: entry.candidate.name for entry in new}
        index = Likeness(texts, synonyms=Synonym.objects.groups(), most=COMPARED)
        by_words = {words_of(text): uid for uid, text in reversed(bank.items())}
        seen: set[str] = set()
        for entry in new:
            uid, name = entry.candidate.uid, entry.candidate.name
            words = words_of(name)
            near = by_words.get(words) if words else None
            if near is None and words:
                found = (key for _likeness, key in index.like(name) if key != uid)
                near = next((key for key in found if key in bank or key in seen), None)
            by_words.setdefault(words, uid)
            seen.add(uid)
            if near:
                entry.like, entry.like_name, entry.like_in_bank = near, texts[near], near in bank

    def uids(self, kind):
        return [entry.candidate.uid for entry in self.entries if entry.candidate.kind == kind]

    # The documents that they would become

    def propose(self):
        """Give each entry the change that makes it a document, or the reason why there can be none."""
        likes = [entry.like for entry in self.entries if entry.like_in_bank]
        self.likes = KINDS["question"].read(likes)
        items = with_uids(
            Item(*entry.candidate.key, self.document(entry.candidate, self.before(entry.candidate)))
            for entry in self.entries
        )
        slugs = _Slugs()
        for item in items:
            document = item.document or {}
            refer_to(item.kind, document, self.replaced)
            if item.kind == "question" and item.uid not in self.saved["question"]:
                slugs.want(document)
        slugs.give()
        self.take(self.changes(items))

    def before(self, candidate: Candidate) -> DocumentDict | None:
        saved = self.saved[candidate.kind].get(candidate.uid)
        return saved.document if saved else None

    def document(self, candidate: Candidate, before: DocumentDict | None) -> DocumentDict:
        if candidate.is_whole:
            document = dict(candidate.values)
            if "status" in KINDS[candidate.kind].fields:
                stays = before and candidate.key not in self.returning
                document["status"] = before["status"] if before and stays else Status.DRAFT
            return document
        values = candidate.values
        if "topics" in values:
            values = values | {"topics": self.names.uids(values["topics"])}
        if before is None or candidate.key in self.returning:
            return (before or {}) | values | {"status": Status.DRAFT}
        return merged(before, values)

    def changes(self, items: list[Item]) -> list[Change]:
        """The changes towards `items`, without those that break a rule, which are noted as wrong."""
        entries = {entry.candidate.key: entry for entry in self.entries}
        extra = [Item("topic", uid, document) for uid, document in self.names.made.items()]
        items = [*(item for item in extra if item.key not in entries), *items]
        while True:
            try:
                changes = Change.objects.towards(items, by_uid=True)
                errors = writing.check(changes)
            except Invalid as invalid:
                changes = []
                errors = {change.key: error.message_dict for change, error in invalid.errors}
            for key in errors.keys() & entries.keys():
                entries[key].reason = reason_of(key[0], errors[key])
            if not errors:
                return changes
            items = [item for item in items if item.key not in errors]

    def take(self, changes):
        by_key = {change.key: change for change in changes}
        self.names.planned = [
            by_key[key] for key in by_key if key[0] == "topic" and key[1] in self.names.made
        ]
        for entry in self.entries:
            entry.change = by_key.get(entry.candidate.key)

    # Verdicts

    def judge(self):
        for entry in self.entries:
            if entry.reason:
                entry.verdict, entry.change, entry.may_be_taken = WRONG, None, False
            elif entry.change is None:
                entry.verdict = SAME
            elif entry.candidate.key in self.returning:
                entry.verdict, entry.reason, entry.taken = NEW, _("came in before, and was undone"), True
            elif entry.change.before is not None:
                entry.verdict, entry.taken = CHANGED, entry.candidate.uid not in self.doubtful
                entry.reason = "" if entry.taken else _("other words than this id had before")
            elif entry.like and self.says_the_same(entry):
                entry.verdict, entry.reason, entry.change = SAME, _("in the bank already"), None
                self.replace(entry.candidate, entry.like)
            elif entry.like:
                # Who wrote a file meant both of its questions, unless they are the same words.
                entry.verdict, entry.taken = NEAR, not entry.like_in_bank and not entry.has_same_words
            else:
                entry.verdict, entry.taken = NEW, True
        self.leave_out_what_was_changed_here()
        self.leave_out_what_needs_an_editor()

    def says_the_same(self, entry):
        """Whether the question that it is like has the very words, and would not change."""
        if not entry.like_in_bank or not entry.has_same_words:
            return False
        saved = self.likes[entry.like].document or {}
        return merged(saved, _values(entry), joins_topics=True) == saved

    def leave_out_what_was_changed_here(self):
        changes = [entry.change for entry in self.entries if entry.change]
        last = last_changes(changes)
        edited = edited_at_import({each["changeset"] for each in last.values()})
        for entry in self.entries:
            change = entry.change
            row = change and last.get(change.key)
            if not change or not row:
                continue
            facts = {
                "when": date_format(timezone.localtime(row["changeset__applied_at"]), "j M Y"),
                "who": row["changeset__author__username"] or _("a command"),
            }
            if change.before is None:
                entry.taken, entry.reason = False, _("deleted here on %(when)s by %(who)s") % facts
            elif (
                row["changeset__source"] not in OF_FILES or (row["changeset"], entry.candidate.uid) in edited
            ):
                entry.taken, entry.reason = False, _("changed here on %(when)s by %(who)s") % facts

    def leave_out_what_needs_an_editor(self):
        if self.is_editor:
            return
        changes = [entry.change for entry in self.entries if entry.change]
        own = {change.key for change in own_drafts(changes, self.user)}
        for entry in self.entries:
            if entry.change and entry.change.key not in own:
                entry.taken, entry.may_be_taken = False, False
                entry.reason = _("an Editor has to take this")


def refer_to(kind: str, document: DocumentDict, replaced: dict[DocumentKey, str]) -> None:
    """Let `document` refer to documents of the bank in place of those that another bank calls otherwise."""
    for key, refers in KINDS[kind].references.items():
        value = document.get(key)
        if isinstance(value, list):
            document[key] = list(dict.fromkeys(replaced.get((refers, uid), uid) for uid in value))
        elif value:
            document[key] = replaced.get((refers, value), value)


def without_missing(changes: Sequence[Change], replaced: dict[DocumentKey, str]) -> None:
    """Take out of roles and successors the questions that are neither in `changes` nor in the bank."""
    documents = [change.after for change in changes if change.kind in {"role", "question"} and change.after]
    for change in changes:
        if change.after and change.kind == "role":
            refer_to("role", change.after, replaced)
    named = {uid for each in documents for uid in [*each.get("questions", []), each.get("successor")] if uid}
    here = {change.uid for change in changes if change.kind == "question"}
    known = here | texts_of(named - here).keys()
    for document in documents:
        if "questions" in document:
            document["questions"] = [uid for uid in document["questions"] if uid in known]
        elif document.get("successor") not in known:
            document["successor"] = ""


def taken_back(saved: dict[str, dict[str, Saved]]) -> set[DocumentKey]:
    """Those of the `saved` documents that are retired because an import that published them was undone."""
    keys = set()
    for kind, of_kind in saved.items():
        retired = [
            uid for uid, each in of_kind.items() if (each.document or {}).get("status") == Status.RETIRED
        ]
        for batch in in_batches(retired):
            rows = Change.objects.applied().filter(kind=kind, uid__in=batch).order_by("pk")
            last = dict(rows.values_list("uid", "changeset__undoes__source"))
            keys |= {(kind, uid) for uid, source in last.items() if source == ChangeSet.Source.IMPORT}
    return keys


def _values(entry):
    document = entry.change.after
    names = ("question", "difficulty", "answer", "key_points", "topics", "short_answer")
    return {name: document[name] for name in names if document.get(name)}


def merged(before: DocumentDict, values: DocumentDict, *, joins_topics: bool = False) -> DocumentDict:
    """The question `before` with what a source says of it: what that does not mention stays."""
    after = before | {key: value for key, value in values.items() if value and key in SAID}
    if short := before.get("short_answer"):  # formats with one answer hold the two of them in one
        after["answer"] = after["answer"].removeprefix(short).lstrip("\n")
    if joins_topics:
        after["topics"] = sorted({*before["topics"], *values.get("topics", [])})
        if words_of(after["question"]) == words_of(before["question"]):
            after["question"] = before["question"]
    return after


def status_of(document: DocumentDict, status: str) -> str:
    """The status in which a new question comes in: `status`, or a draft if it is not whole."""
    if not has_answer(document.get("answer", "")):
        return Status.DRAFT
    if status == Status.PUBLISHED and not document.get("difficulty"):
        return Status.DRAFT
    return status


def reason_of(kind: str, messages: dict[str, list[str]]) -> str:
    """What is wrong with a document, as a sentence."""
    parts = []
    for key, texts in messages.items():
        schema = KINDS[kind]
        label = schema.label(key) if key in schema.defaults else key
        parts.append(f"{label}: {' '.join(map(str, texts))}")
    return " ".join(parts)


def last_changes(changes: Iterable[Change]) -> dict[DocumentKey, dict]:
    """Who changed each document of `changes` last; what was undone, and undoing it, does not count."""
    undone = Q(changeset__undone_by__isnull=False, changeset__undone_by__undone_by__isnull=True)
    rows = Change.objects.applied().exclude(changeset__source=ChangeSet.Source.UNDO).exclude(undone)
    names = ("kind", "uid", "changeset", "changeset__source", "changeset__applied_at")
    last = {}
    for kind in KINDS:
        for batch in in_batches([change.uid for change in changes if change.kind == kind]):
            of_batch = rows.filter(kind=kind, uid__in=batch).order_by("pk")
            for row in of_batch.values(*names, "changeset__author__username"):
                last[row["kind"], row["uid"]] = row
    return last


def edited_at_import(changesets: set[int]) -> set[tuple[int, str]]:
    """`{(change set, uid)}` of what a curator edited before it came in: that is a curator's change, too."""
    from ..imported import Import  # which needs this module

    rows = Import.objects.filter(changeset__in=changesets).values_list("changeset", "items")
    return {(pk, item["uid"]) for pk, items in rows for item in items if item.get("edited")}


class _Slugs:
    """Addresses for many new questions, in a few queries."""

    def __init__(self):
        self.wanted = []
        self.numbers: dict[str, int] = {}

    def want(self, document):
        slug = document.get("slug") or slug_of(document.get("question", ""))[:80].strip("-")
        self.wanted.append((document, slug or "question"))

    def give(self):
        used: set[str] = set()
        for batch in in_batches(sorted({slug for _document, slug in self.wanted})):
            used.update(Question.objects.filter(slug__in=batch).order_by().values_list("slug", flat=True))
            former = FormerSlug.objects.filter(kind="question", slug__in=batch)
            used.update(former.order_by().values_list("slug", flat=True))
        for document, slug in self.wanted:
            document["slug"] = self.numbered(slug, used) if slug in used else slug
            used.add(document["slug"])

    def numbered(self, slug, used):
        """The next of `slug-2`, `slug-3`, … that is free."""
        if slug not in self.numbers:
            used.update(Question.objects.addresses_like(slug))
        number = self.numbers.get(slug, 2)
        while f"{slug}-{number}" in used:
            number += 1
        self.numbers[slug] = number + 1
        return f"{slug}-{number}"
