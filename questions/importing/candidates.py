"""What files hold, as candidates for documents, each with an id that the next import finds again."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePath

from django.core.exceptions import ValidationError

from .. import text as texts
from ..documents import KINDS, DocumentDict, DocumentKey
from ..fields import slug_of
from ..markdown import blocks
from ..readers import FoundQuestion, Reading

PREFIX = "import"
LONGEST = 100  # characters of the name of a topic or a category
_COPY = re.compile(r"\s*(?:\(\d+\)|- copy|copy)$")  # what browsers and file managers add to a second download
# What titles of pages have before and after the role: “Top 50 Tester Interview Questions (2026)”.
_BEFORE_ROLES = re.compile(
    r"^(?:(?:the|a|list of|top|best|most|common(?:ly)?|popular|essential|important|frequently|asked"
    r"|\d+\+?)\s+)+"
    r"|^(?:job )?interview questions (?:(?:and|&) answers )?(?:for|about|on)\s+(?:an?\s+)?",
    re.IGNORECASE,
)
_AFTER_ROLES = re.compile(
    r"[\s:,|–—-]*\b(?:top \d+ )?(?:job )?interview (?:questions|q ?& ?a)\b.*$", re.IGNORECASE
)


@dataclass
class Candidate:
    """Something that a file holds and that may become a document.

    `values` are the keys of the document that the file speaks of. Topics are names, addresses or ids.
    """

    kind: str
    uid: str
    values: DocumentDict
    file: str = ""
    line: int = 0
    sure: bool = True
    named: str = ""  # what the source calls it
    is_whole: bool = False  # a document of the project's own files: it says all that there is to say
    source: str = ""
    is_settled: bool = False  # which document it is, is known
    was: str = ""  # its id in the bank that it comes from, if this one has another for it

    @property
    def key(self) -> DocumentKey:
        return self.kind, self.uid

    @property
    def name(self) -> str:
        return str(self.values.get("question") or self.values.get("name") or self.uid)


@dataclass
class Source:
    """A file that was read: where its questions come from, and the role that it describes, if any."""

    name: str
    reading: Reading
    candidates: list[Candidate] = field(default_factory=list)
    role: Candidate | None = None

    @property
    def prefix(self) -> str:
        """What the ids of all its questions begin with."""
        return f"{PREFIX}-{digest(source_key(self.name), 10)}-"


def source_key(name: str) -> str:
    """What makes two files the same source: the name, in whichever folder and as whichever copy."""
    path = PurePath(name.replace("\\", "/"))
    return f"{_COPY.sub('', path.stem.casefold())}{path.suffix.casefold()}"


def source_of(name: str, reading: Reading) -> Source:
    """The file `name` with its candidates: the documents of bank files whole, else what was found."""
    source = Source(name, reading)
    whole = {item.uid for item in reading.items if item.kind == "question"}
    lines = {question.uid: question.line for question in reading.questions if question.uid}
    for kind, uid, document in reading.items:
        if document is not None and kind in KINDS and 0 < len(uid) <= 100:
            line = lines.get(uid, 0) if kind == "question" else 0
            source.candidates.append(
                Candidate(kind, uid, document, name, line, is_whole=True, source=source.prefix)
            )
    taken: dict[str, int] = {}
    for question in reading.questions:
        if question.uid not in whole:
            source.candidates.append(_candidate(source, question, taken))
    if not reading.items:
        source.role = _role(source)
    return source


def _candidate(source: Source, question: FoundQuestion, taken: dict[str, int]) -> Candidate:
    # The source's own name for it outlives a change of its words.
    identity = f"id {question.uid}" if question.uid else words_of(question.text)
    number = taken[identity] = taken.get(identity, 0) + 1
    identity = identity if number == 1 else f"{identity} {number}"
    values = {
        "question": question.text,
        "difficulty": question.difficulty,
        "answer": question.answer,
        "key_points": question.key_points,
        "topics": question.topics,
    }
    return Candidate(
        "question",
        f"{source.prefix}{digest(identity, 16)}",
        {key: value for key, value in values.items() if value or key == "question"},
        source.name,
        question.line,
        question.sure,
        named=texts.line(question.uid)[:100] if number == 1 else "",
        source=source.prefix,
    )


def words_of(text: str) -> str:
    """Equal for texts whose words are the same."""
    return " ".join(re.findall(r"\w[\w+#.]*[\w+#]|[\w+#]+", texts.fold(text)))


def digest(text: str, length: int) -> str:
    """A part of an id, the same for the same text."""
    return sha256(text.encode("utf-8", "replace")).hexdigest()[:length]


def role_name(title: str) -> str:
    """The role that a page's title names: “Tester Interview Questions (2026)” is about a Tester."""
    return (_AFTER_ROLES.sub("", _BEFORE_ROLES.sub("", title)).strip() or title)[:140]


def _role(source: Source) -> Candidate | None:
    """The role that a page is of, as its title names it; None where nothing does."""
    reading = source.reading
    if not reading.title:
        return None
    name = role_name(reading.title)
    keys: set[str] = set()
    steps = [
        {
            "key": _free(slug_of(step.title), keys),
            "title": step.title,
            "body": _without_headings(step.body) or step.title,
        }
        for step in reading.steps
    ]
    tips = [{"key": _free(slug_of(tip), keys), "text": tip} for tip in reading.tips]
    values = {
        "name": name,
        "category": reading.category[:LONGEST],
        "intro": reading.intro,
        "questions": [candidate.uid for candidate in source.candidates],
        "steps": _sound(reading, "steps", steps),
        "tips": _sound(reading, "tips", tips),
    }
    uid = f"{source.prefix}{digest(f'role {words_of(name)}', 16)}"
    return Candidate("role", uid, values, source.name, source=source.prefix)


def is_described(values: DocumentDict) -> bool:
    """Whether a page says more of its role than a list of questions does."""
    return bool(values["steps"] or values["tips"] or (values["category"] and values["intro"]))


def _sound(reading, name, entries):
    """Those of `entries` that a role can have; the others are left over, with the reason."""
    sections = {section.name: section for section in KINDS["role"].sections}
    sound = []
    for entry in entries:
        try:
            sections[name].clean([entry])
        except ValidationError as error:
            reading.leave(0, "\n".join(value for key, value in entry.items() if key != "key"))
            reading.warn(0, " ".join(error.messages))
        else:
            sound.append(entry)
    return sound


def _free(key, keys):
    """A key for an entry that none before it has."""
    key = key[:60].strip("-") or "part"
    number = 1
    while (free := key if number == 1 else f"{key}-{number}") in keys:
        number += 1
    keys.add(free)
    return free


def _without_headings(body):
    """A step has no headings of its own: they become bold lines."""
    lines = body.split("\n")
    for token in blocks(body):
        if token.type == "heading_open" and token.map and token.markup.startswith("#"):
            lines[token.map[0]] = f"**{lines[token.map[0]].strip().strip('#').strip()}**"
    return "\n".join(lines)


def all_of(sources: Iterable[Source]) -> list[Candidate]:
    """The candidates of all files, each with an id of its own."""
    found: dict[DocumentKey, Candidate] = {}
    for source in sources:
        for candidate in source.candidates:
            first = found.get(candidate.key)
            if first and candidate.is_whole and first.values == candidate.values:
                continue
            number = 1
            while candidate.key in found:  # two files of the same name
                number += 1
                candidate.uid = f"{candidate.uid.removesuffix(f'-{number - 1}')}-{number}"
            found[candidate.key] = candidate
    return list(found.values())
