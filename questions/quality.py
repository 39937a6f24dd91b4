"""What makes a bank worth an evening, as far as a program can check.

Each finding belongs to one of `CHECKS`, so that a bank can be brought up check by check.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import markdown
from .documents import DocumentDict, Item
from .likeness import Likeness
from .models import Difficulty

CHECKS = {
    "counts": "how many key points, follow-ups, sources, topics, questions, steps and tips",
    "lengths": "how long texts are",
    "mix": "the mix of difficulties in a role",
    "references": "unknown topics and questions, dead links",
    "reviews": "when a question was last found right",
    "code": "blocks of code: language, environment, size",
    "formulas": "words in a formula that are no text",
    "markdown": "what the renderer cannot keep",
    "short-answers": "published questions without a short answer",
    "key-points": "key points that the answer does not speak of",
    "follow-ups": "follow-ups that the answer has answered",
    "sources": "sources without an address",
    "sentences": "sentences that nobody can say in one breath",
    "words": "words that read as unnatural",
    "spelling": "spelling that is not British",
    "repeats": "questions that ask nearly the same",
}


class Finding(NamedTuple):
    """Something that falls short in the `key` of a document."""

    check: str
    key: str
    text: str


ANSWER_WORDS, HARD_ANSWER_WORDS = range(60, 261), range(60, 331)
SHORT_ANSWER_WORDS = range(25, 71)
WEAK_ANSWER_WORDS = range(8, 61)
KEY_POINTS = range(3, 7)
FOLLOW_UPS = range(1, 4)
SOURCES = range(1, 4)
TOPICS = range(1, 5)
ROLE_QUESTIONS = range(20, 36)
STEPS = range(5, 10)
STEP_WORDS = range(45, 131)
TIPS = range(4, 9)
# The part of a role's questions that each difficulty has: about a quarter, a half, a quarter.
SHARES = {Difficulty.EASY: (0.15, 0.35), Difficulty.MEDIUM: (0.4, 0.6), Difficulty.HARD: (0.15, 0.36)}
CODE_LINES, CODE_WIDTH = 24, 76
SENTENCE_WORDS = 40
# Languages whose blocks run in one of several environments, and what names one; a sketch runs nowhere.
ENVIRONMENTS = {
    "sql": {"postgresql", "sqlite", "mysql", "bigquery"},
    "javascript": {"module", "script"},
    "js": {"module", "script"},
}

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
_UNNATURAL = re.compile(
    r"\b(?:anew|seldom|dearer|whoever|mend(?:s|ed|ing)?|is no such case|stuck in mind|delves?|leverages?d?"
    r"|it is worth noting|passes by)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w[\w+#.-]*\w[+#]*|\w[+#]*")
_COMMON = frozenset(
    "a an and are as at be between by can could describe difference do does explain for from give has have "
    "how i if in into is it its make me of on one or our should so tell than that the their them they this "
    "to use used using was we were what when where which who why will with without would you your".split()
)
_SENTENCE_END = re.compile(r"(?<=[.!?…])[”’\")]*\s+|\n\s*\n|\n\s*(?:[-*]|\d+\.)\s")
# What a formula has letters in that are no product: words, and the names and columns of environments.
_WORDS_OF_FORMULA = re.compile(
    r"\\(?:text\w*|mbox|mathrm|operatorname\*?)\s*\{(?:[^{}]|\{[^{}]*\})*\}"
    r"|\\(?:begin|end)\s*\{[^{}]*\}(?:\{[lcr|]*\})?"
    r"|\\[A-Za-z]+"
)
# Of two letters, those that look like the name of a function: KL(p, q), not QK.
_BARE_WORD = re.compile(r"[A-Za-z]{3,}|(?<![A-Za-z])[A-Z]{2}(?=\s*\()")


def problems(items: Iterable[Item]) -> Iterator[tuple[str, str, Finding]]:
    """`(kind, uid, Finding)` of everything in `items` that falls short; items are those of a bank."""
    by_kind: dict[str, dict[str, DocumentDict]] = {}
    for kind, uid, document in items:
        by_kind.setdefault(kind, {})[uid] = document or {}
    known = {kind: {uid: document["slug"] for uid, document in of.items()} for kind, of in by_kind.items()}
    questions = by_kind.get("question", {})
    for uid, question in questions.items():
        for finding in _of_question(question, known):
            yield "question", uid, finding
    for uid, role in by_kind.get("role", {}).items():
        for finding in _of_role(role, questions):
            yield "role", uid, finding
    used = {topic for question in questions.values() for topic in question["topics"]}
    for uid in by_kind.get("topic", {}).keys() - used:
        yield "topic", uid, Finding("references", "slug", "no question has this topic")
    texts = {uid: question["question"] for uid, question in questions.items()}
    synonyms = [(each["name"], *each["also"]) for each in by_kind.get("synonym", {}).values()]
    for _likeness, uid, other in Likeness(texts, synonyms=synonyms).pairs():
        text = f"it asks nearly the same as “{other}”"
        yield "question", uid, Finding("repeats", "question", text)


def _of_question(question, known):
    yield from _count(question, "key_points", KEY_POINTS)
    yield from _count(question, "follow_ups", FOLLOW_UPS)
    yield from _count(question, "sources", SOURCES)
    yield from _count(question, "topics", TOPICS)
    if len(question["question"]) > 200:
        text = f"{len(question['question'])} characters; 200 are enough to ask"
        yield Finding("lengths", "question", text)
    for topic in question["topics"]:
        if topic not in known.get("topic", {}) and topic not in known.get("topic", {}).values():
            yield Finding("references", "topics", f"unknown topic “{topic}”")
    if question["status"] == "published":
        if not question["reviewed_on"]:
            yield Finding("reviews", "reviewed_on", "published, but never reviewed")
        if not question["short_answer"]:
            yield Finding("short-answers", "question", "published, but without a short answer")
    if question["sources"] and not any(source.get("url") for source in question["sources"]):
        yield Finding("sources", "sources", "no source has an address")
    yield from _of_answer(question, known)
    yield from _of_prose(question)


def _of_answer(question, known):
    answer = question["answer"]
    yield from in_markdown("answer", answer)
    is_hard = question["difficulty"] == Difficulty.HARD
    yield from _length("answer", answer, HARD_ANSWER_WORDS if is_hard else ANSWER_WORDS)
    for key, wanted in (("short_answer", SHORT_ANSWER_WORDS), ("weak_answer", WEAK_ANSWER_WORDS)):
        if question[key]:
            yield from _length(key, question[key], wanted)
            yield from in_markdown(key, question[key])
    for path, slug in _INTERNAL.findall(answer):
        if slug not in known.get(_KIND_OF_PATH[path], {}).values():
            yield Finding("references", "answer", f"dead link to /{path}/{slug}/")
    for info, code, _line in markdown.fences(answer):
        yield from _of_code(info, code)
    answer_words = words(f"{question['short_answer']} {answer}")
    for point in question["key_points"]:
        if len(point) > 120:
            yield Finding("lengths", "key_points", f"too long to be checked by ear: {point}")
        if answer_words and not words(point) & answer_words:
            yield Finding("key-points", "key_points", f"shares no word with the answer: {point}")
    for follow_up in _parts(question["follow_ups"]):
        if answer_words and words(follow_up["question"]) <= answer_words:
            text = f"all its words are in the answer: {follow_up['question']}"
            yield Finding("follow-ups", "follow_ups", text)


def _of_code(info, code):
    language, *mode = info.split() or [""]
    lines = code.splitlines()
    if language == "math":
        return
    if not language:
        yield Finding("code", "answer", "a code block does not say its language")
    wanted = ENVIRONMENTS.get(language.lower(), set())
    if wanted and not {*wanted, "sketch"} & set(mode):
        names = ", ".join(sorted(wanted))
        yield Finding("code", "answer", f"a {language} block does not say where it runs: {names} or sketch")
    if len(lines) > CODE_LINES or max(map(len, lines), default=0) > CODE_WIDTH:
        text = f"a code block is larger than {CODE_LINES} lines of {CODE_WIDTH} characters"
        yield Finding("code", "answer", text)


def _of_prose(question):
    hints = [part["hint"] for part in _parts(question["follow_ups"])]
    for key in ("short_answer", "answer", "weak_answer"):
        yield from _of_sentences(key, prose_of(question[key]))
    for key, lines in (("key_points", question["key_points"]), ("follow_ups", hints)):
        for line in lines:
            yield from _of_sentences(key, line)
    follow_ups = " ".join(part["question"] for part in _parts(question["follow_ups"]))
    yield from _spelling("follow_ups", follow_ups)
    yield from _spelling("question", f"{question['question']} {question['label']}")


def _of_role(role, questions):
    yield from _count(role, "questions", ROLE_QUESTIONS)
    yield from _count(role, "steps", STEPS)
    yield from _count(role, "tips", TIPS)
    yield from in_markdown("intro", role["intro"])
    yield from _of_sentences("intro", prose_of(role["intro"]))
    for step in role.get("steps", []):
        yield from in_markdown("steps", step["body"])
        yield from _length("steps", step["body"], STEP_WORDS)
        yield from _of_sentences("steps", f"{step['title']}.\n\n{prose_of(step['body'])}")
    for tip in role.get("tips", []):
        yield from _of_sentences("tips", tip["text"])
    difficulties = [questions[uid]["difficulty"] for uid in role["questions"] if uid in questions]
    if missing := [uid for uid in role["questions"] if uid not in questions]:
        yield Finding("references", "questions", f"unknown question “{missing[0]}”")
    counts = Counter(difficulties)
    for difficulty, (least, most) in SHARES.items():
        share = counts[difficulty] / max(len(difficulties), 1)
        if not least <= share <= most:
            text = f"{share:.0%} {difficulty.label.lower()}; {least:.0%} to {most:.0%} make a good mix"
            yield Finding("mix", "questions", text)


def prose_of(text: str) -> str:
    """The words of Markdown `text` that are read as sentences: no code, tables, formulas or addresses."""
    text = re.sub(r"^(```+|~~~+).*?^\1\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.sub(r"`[^`]*`", "code", text)


def words(text: str) -> set[str]:
    """The words of `text` that say something: folded, without the common ones, singular."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return {_singular(word) for word in _WORD.findall(plain) if word not in _COMMON}


def _singular(word):
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word


def _parts(follow_ups):
    """Follow-ups, each `{"question", "hint"}`."""
    return [{"hint": "", **(part if isinstance(part, dict) else {"question": part})} for part in follow_ups]


def _count(document, key, wanted):
    number = len(document.get(key, []))
    if number not in wanted:
        yield Finding("counts", key, f"{number}; {wanted.start} to {wanted.stop - 1} are wanted")


def _length(key, text, wanted):
    prose = prose_of(text)
    number = len(prose.split())
    if number not in wanted:
        least, most = wanted.start, wanted.stop - 1
        text = f"{number} words; {least} to {most} are wanted: {prose.strip()[:40]}…"
        yield Finding("lengths", key, text)


def in_markdown(key: str, text: str) -> Iterator[Finding]:
    """What the renderer cannot keep of the Markdown `text`, and words in its formulas."""
    for line, reason in markdown.lost(text):
        yield Finding("markdown", key, f"line {line} of “{text.strip().splitlines()[0][:40]}…”: {reason}")
    for latex in markdown.formulas(text):
        if bare := _BARE_WORD.findall(_WORDS_OF_FORMULA.sub(" ", latex)):
            yield Finding("formulas", key, f"letters that are no \\text{{…}}: {', '.join(bare)}")


def _of_sentences(key, prose):
    """Sentences that are too long to say aloud, and words that read as unnatural."""
    for sentence in _SENTENCE_END.split(prose):
        if (number := len(sentence.split())) > SENTENCE_WORDS:
            yield Finding("sentences", key, f"{number} words in a sentence: {sentence.strip()[:60]}…")
    for match in _UNNATURAL.finditer(prose):
        yield Finding("words", key, f"reads as unnatural: {match[0]}")
    yield from _spelling(key, prose)


def _spelling(key, prose):
    for match in _AMERICAN.finditer(prose):
        if not _BRITISH_TOO.search(match[0]):
            yield Finding("spelling", key, f"not British spelling: {match[0]}")
