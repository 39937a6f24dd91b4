"""The index as the bank changes: in the transaction of every change, made again, and compared."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.dispatch import receiver

from ..changes import Change, ChangeSet, ContentVersion, changes_applied
from ..documents import in_batches
from ..models import Question, Role, Topic
from ..writing import lock_what_follows
from . import vocabulary
from .engines import engine, execute
from .entries import KINDS, Entry, entries_of
from .tokens import VERSION, stem

_MODELS: dict[str, Any] = {"question": Question, "role": Role, "topic": Topic}


@receiver(changes_applied)
def index_changes(changeset: ChangeSet, changes: Sequence[Change], **kwargs: Any) -> None:
    """Let the index follow what a change set has just written."""
    refresh(touched_by(changes))


def touched_by(changes: Iterable[Change]) -> dict[str, set[str]]:
    """`{kind: uids}` of what is indexed otherwise after `changes`."""
    touched: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for change in changes:
        if change.kind in touched:
            touched[change.kind].add(change.uid)
        if change.kind == "role":
            touched["question"] |= _questions_of_role(change)
        if change.kind == "question":
            touched["topic"] |= _topics_of_question(change)
    renamed = [change.uid for change in changes if change.kind == "topic" and _is_renamed(change)]
    for batch in in_batches(renamed):
        of_topics = Question.objects.filter(topics__uid__in=batch).order_by()
        touched["question"].update(of_topics.values_list("uid", flat=True))
    return touched


def _questions_of_role(change):
    """The questions that come into a role or leave it: all of them where the role itself does."""
    before, after = (
        set(document["questions"]) if document and document["status"] == "published" else set()
        for document in (change.before, change.after)
    )
    return before ^ after


def _topics_of_question(change):
    """The topics that may have got their first public question, or lost their last one."""
    before, after = (
        set(document["topics"]) if document and document["status"] == "published" else set()
        for document in (change.before, change.after)
    )
    return before ^ after


def _is_renamed(change):
    return change.before is None or change.after is None or change.before["name"] != change.after["name"]


def refresh(touched: Mapping[str, Collection[str]]) -> None:
    """Make the entries of `touched`, `{kind: uids}`, as their rows are now."""
    number = sum(map(len, touched.values()))
    with engine.inserting(number):
        for kind, uids in touched.items():
            for batch in in_batches(sorted(uids)):
                _replace(engine.with_uids(kind, batch), entries_of(kind, batch))


def _replace(present: Collection[Entry], wanted: Collection[Entry]) -> None:
    removed, added = set(present) - set(wanted), set(wanted) - set(present)
    if removed:
        engine.delete(sorted(removed, key=_id))
    if added:
        engine.insert(sorted(added, key=_id))
    words = vocabulary.Counts()
    words.add(added)
    words.take(removed)
    words.keep()


def _id(entry):
    return entry.id


def rebuild() -> int:
    """Make the whole index again from the bank, in one transaction; returns the number of entries."""
    with transaction.atomic():
        lock_what_follows()
        engine.clear()
        vocabulary.clear()
        number, words = _number_of_rows(), vocabulary.Counts()
        with engine.inserting(number):
            for batch in _all_entries():
                engine.insert(batch)
                words.add(batch)
        words.keep()
        execute("DELETE FROM questions_searchstate")
        execute("INSERT INTO questions_searchstate (version) VALUES (%s)", VERSION)
        if number:
            ContentVersion.advance()  # pages that are kept lead to related questions
    engine.compact()
    return number


def forget() -> None:
    """Let `make_current()` make the index again, whatever happens until then."""
    execute("DELETE FROM questions_searchstate")


def _all_entries() -> Iterator[list[Entry]]:
    """The entries of the whole bank, in batches."""
    for kind, model in _MODELS.items():
        uids = list(model.objects.order_by("pk").values_list("uid", flat=True))
        for batch in in_batches(uids):
            yield entries_of(kind, batch)


def differences() -> list[str]:
    """A line for each entry or word of the index that is not what the bank says."""
    wanted = {(entry.kind, entry.uid): entry for batch in _all_entries() for entry in batch}
    present = {(entry.kind, entry.uid): entry for entry in engine.all()}
    lines = [
        f"not as it should be: {kind} {uid}"
        for kind, uid in wanted.keys() & present.keys()
        if wanted[kind, uid] != present[kind, uid]
    ]
    lines += [f"missing: {kind} {uid}" for kind, uid in wanted.keys() - present.keys()]
    lines += [f"not in the bank: {kind} {uid}" for kind, uid in present.keys() - wanted.keys()]
    if not lines and not engine.is_sound(list(wanted.values())):
        lines.append("the engine holds something else than the entries")
    return sorted(lines) + _differences_of_words(wanted.values())


def _differences_of_words(entries):
    counts = vocabulary.Counts()
    counts.add(entries)
    counted = counts.all()
    words = vocabulary.all_words()
    kept = {word: (documents, published) for word, _stem, documents, published in words}
    wrong = set(dict(counted.items() ^ kept.items()))
    wrong |= {word for word, of_word, _documents, _published in words if of_word != stem(word)}
    return [f"kept wrongly: the word “{word}”" for word in sorted(wrong)]


def is_current() -> bool:
    """Whether the index was made by this release, and has as many entries as the bank has rows."""
    versions = execute("SELECT version FROM questions_searchstate")
    number = execute("SELECT count(*) FROM questions_searchentry")[0][0]
    return versions == [(VERSION,)] and number == _number_of_rows()


def _number_of_rows():
    return sum(model.objects.count() for model in _MODELS.values())


def make_current(**kwargs: Any) -> None:
    """After a migration, a flush or a restore: make the index again where it is not the bank's."""
    tables = connection.introspection.table_names()
    if "questions_searchstate" in tables and not is_current():
        rebuild()
