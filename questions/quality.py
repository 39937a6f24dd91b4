"""What makes a bank worth an evening, as far as a program can tell: lengths, mixes, repeats, spelling."""

import re
from collections import Counter

from . import markdown
from .likeness import Likeness
from .models import Difficulty

ANSWER_WORDS = range(60, 251)
KEY_POINTS = range(3, 7)
FOLLOW_UPS = range(1, 4)
SOURCES = range(1, 4)
TOPICS = range(1, 5)
ROLE_QUESTIONS = range(20, 31)
STEPS = range(5, 9)
STEP_WORDS = range(45, 131)
TIPS = range(4, 9)
# The part of a role's questions that each difficulty has: about a quarter, a half, a quarter.
SHARES = {Difficulty.EASY: (0.15, 0.35), Difficulty.MEDIUM: (0.4, 0.6), Difficulty.HARD: (0.15, 0.36)}
CODE_LINES, CODE_WIDTH = 24, 76
ALIKE = 0.6

_INTERNAL = re.compile(r"\]\((?:/)(questions|interview-questions|topics)/([^/)#]+)/?[^)]*\)")
_KIND_OF_PATH = {"questions": "question", "interview-questions": "role", "topics": "topic"}
_AMERICAN = re.compile(
    r"\b(?:\w{2,}iz(?:e|es|ed|ing|er|ers|ation|ations)|behaviors?|colors?|colored|centers?|centered|favors?"
    r"|favorites?|neighbors?|labeled|labeling|modeled|modeling|analyz\w+|canceled|canceling|catalogs?"
    r"|defenses?|artifacts?|gray|fulfill|travele[dr]|signaled|signaling|honor|skeptic\w*|enrollment)\b",
    re.IGNORECASE,
)
# Words that are spelt so in Britain too, and names, which are spelt as their owners spell them.
_BRITISH_TOO = re.compile(r"siz(?:e|es|ed|ing|er)$|^(?:prize|seize|capsize)|^Kustomize", re.IGNORECASE)


def problems(items):
    """`(kind, uid, key, text)` of everything in `items` that falls short; items are those of a bank."""
    by_kind = {}
    for kind, uid, document in items:
        by_kind.setdefault(kind, {})[uid] = document
    known = {kind: {uid: document["slug"] for uid, document in of.items()} for kind, of in by_kind.items()}
    questions = by_kind.get("question", {})
    for uid, question in questions.items():
        for key, text in _of_question(question, known):
            yield "question", uid, key, text
    for uid, role in by_kind.get("role", {}).items():
        for key, text in _of_role(role, questions):
            yield "role", uid, key, text
    used = {topic for question in questions.values() for topic in question["topics"]}
    for uid in by_kind.get("topic", {}).keys() - used:
        yield "topic", uid, "slug", "no question has this topic"
    texts = {uid: question["question"] for uid, question in questions.items()}
    for likeness, uid, other in Likeness(texts, ALIKE).pairs():
        yield "question", uid, "question", f"{likeness:.0%} of its words are those of “{other}”"


def _of_question(question, known):
    yield from _count(question, "key_points", KEY_POINTS)
    yield from _count(question, "follow_ups", FOLLOW_UPS)
    yield from _count(question, "sources", SOURCES)
    yield from _count(question, "topics", TOPICS)
    if len(question["question"]) > 200:
        yield "question", f"{len(question['question'])} characters; 200 are enough to ask"
    for point in question.get("key_points", []):
        if len(point) > 120:
            yield "key_points", f"too long to be checked by ear: {point}"
    for topic in question.get("topics", []):
        if topic not in known.get("topic", {}) and topic not in known.get("topic", {}).values():
            yield "topics", f"unknown topic “{topic}”"
    if question["status"] == "published" and not question.get("reviewed_on"):
        yield "reviewed_on", "published, but never reviewed"
    yield from _of_answer(question["answer"], known)
    for key in ("question", "key_points", "follow_ups"):
        yield from _spelling(key, " ".join(_as_list(question.get(key, []))))


def _of_answer(answer, known):
    prose = prose_of(answer)
    yield from _lost("answer", answer)
    yield from _length("answer", prose, ANSWER_WORDS)
    yield from _spelling("answer", prose)
    for path, slug in _INTERNAL.findall(answer):
        if slug not in known.get(_KIND_OF_PATH[path], {}).values():
            yield "answer", f"dead link to /{path}/{slug}/"
    for info, code, _line in markdown.fences(answer):
        lines = code.splitlines()
        if not info:
            yield "answer", "a code block does not say its language"
        if len(lines) > CODE_LINES or max(map(len, lines), default=0) > CODE_WIDTH:
            yield "answer", f"a code block is larger than {CODE_LINES} lines of {CODE_WIDTH} characters"


def _of_role(role, questions):
    yield from _count(role, "questions", ROLE_QUESTIONS)
    yield from _count(role, "steps", STEPS)
    yield from _count(role, "tips", TIPS)
    yield from _lost("intro", role["intro"])
    yield from _spelling("intro", role["intro"])
    for step in role.get("steps", []):
        yield from _lost("steps", step["body"])
        yield from _length("steps", prose_of(step["body"]), STEP_WORDS)
        yield from _spelling("steps", f"{step['title']} {prose_of(step['body'])}")
    for tip in role.get("tips", []):
        yield from _spelling("tips", tip["text"])
    mine = [questions[uid]["difficulty"] for uid in role.get("questions", []) if uid in questions]
    if missing := [uid for uid in role.get("questions", []) if uid not in questions]:
        yield "questions", f"unknown question “{missing[0]}”"
    counts = Counter(mine)
    for difficulty, (least, most) in SHARES.items():
        share = counts[difficulty] / max(len(mine), 1)
        if not least <= share <= most:
            yield (
                "questions",
                f"{share:.0%} {difficulty.label.lower()}; {least:.0%} to {most:.0%} make a good mix",
            )


def prose_of(text):
    """The words of Markdown `text` that are read as sentences: no code, tables, formulas or addresses."""
    text = re.sub(r"^(```+|~~~+).*?^\1\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"`[^`]*`", "code", text)


def _count(document, key, wanted):
    number = len(document.get(key, []))
    if number not in wanted:
        yield key, f"{number}; {wanted.start} to {wanted.stop - 1} are wanted"


def _length(key, prose, wanted):
    number = len(prose.split())
    if number not in wanted:
        yield key, f"{number} words; {wanted.start} to {wanted.stop - 1} are wanted: {prose.strip()[:40]}…"


def _lost(key, text):
    for line, reason in markdown.lost(text):
        yield key, f"line {line} of “{text.strip().splitlines()[0][:40]}…”: {reason}"


def _spelling(key, prose):
    for match in _AMERICAN.finditer(prose):
        if not _BRITISH_TOO.search(match[0]):
            yield key, f"not British spelling: {match[0]}"


def _as_list(value):
    return value if isinstance(value, list) else [value]
