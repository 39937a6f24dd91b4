"""Questions in JSON and YAML: the format of `schema.json`, and objects with the usual names.

Whole documents, as `writers.structured` writes them, are in `items`, as those of bank files are.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from django.core.exceptions import ValidationError

from .. import text as texts
from ..documents import KINDS, Item
from . import bank, chats, choices, levels
from .columns import best_roles, folded, role_of
from .prose import titles
from .reading import FoundQuestion, FoundStep, Reading, UnreadableFile, distinct
from .tables import markdown, question_of

_DEEPEST = 20
_LETTERS = "abcdefgh"
_MOST_PARTS = 1_000_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML = re.compile(r"(?:---[ \t]*\n|#.*\n|\s)*(?:-\s+)?[\"']?[A-Za-z][\w -]{0,40}[\"']?:(?:\s|$)")
_LISTS = frozenset(  # names that say nothing of what is in a list or an object
    "questions items data cards results entries flashcards quiz quizzes faq faqs qa qas qna questionlist "
    "interviewquestions categories topics sections chapters modules subjects groups parts levels decks units "
    "lessons pages paragraphs mainentity list all result response payload content contents children messages "
    "conversation conversations turns chat chats dialogue dialogues".split()
)
_SUBJECTS = ("category", "topic", "subject", "section", "theme", "title", "name")  # of what holds questions
_PARTS = {"options", "answer", "correct", "topics", "key_points", "explanation"}  # may be lists of objects
_TEXTS = (
    "text",
    "value",
    "label",
    "name",
    "answer",
    "answerText",
    "option",
    "optionText",
    "content",
    "title",
)


def is_json(text: str) -> bool:
    return text.lstrip()[:1] in {"{", "["} and bool(re.match(r"\s*(?:\{\s*[\"}]|\[\s*[\"{\[\]\d])", text))


def is_yaml(text: str, name: str) -> bool:
    """Whether a text is YAML that holds questions, and not prose with a colon in its first line."""
    if name.casefold().endswith((".yaml", ".yml")):
        return True
    if not _YAML.match(text) or re.match(r"\s*---[ \t]*\n(?:.*\n){0,60}?---[ \t]*\n\s*\S", text):
        return False
    return bool(
        re.search(r"^\s*(?:-\s+)?[\"']?(?:question|q|front|prompt)s?[\"']?:(?:\s|$)", text, re.MULTILINE)
    )


def read_json(text: str) -> Reading:
    """The questions of JSON, or of lines that are JSON each."""
    if text.count("[") + text.count("{") > _MOST_PARTS or text.count(",") > 3 * _MOST_PARTS:
        raise UnreadableFile(f"More than {_MOST_PARTS:,} lists and objects: split the file.")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        value = _json_lines(text)
        if value is None:
            raise UnreadableFile(
                f"Not JSON: {error.msg.removesuffix(' at')}, at line {error.lineno}, column {error.colno}."
            ) from error
    except RecursionError as error:
        raise UnreadableFile("Not readable JSON: lists in lists in lists, too deep.") from error
    return _Walk(text).read(value)


def _json_lines(text):
    try:
        values = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (json.JSONDecodeError, RecursionError):
        return None
    return values if all(isinstance(value, dict) for value in values) else None


def read_yaml(text: str) -> Reading:
    """The questions of YAML. Aliases are refused: a few lines of them can stand for billions."""
    try:
        _refuse_unusual(text)
        value = yaml.load(text, Loader=_LOADER)  # noqa: S506 (the loader is a safe one)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UnreadableFile(f"Not YAML: {error.problem}, at line {line}.") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableFile(f"Not YAML: a control character, at line {line}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableFile(f"Not YAML: {str(error)[:120]}.") from error
    return _Walk(text).read(value)


def _refuse_unusual(text):
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise UnreadableFile(
                f"Line {line} has an alias or is nested too deep, which no list of questions needs."
            )


class _Walk:
    """Goes through a value and takes each object that asks something."""

    def __init__(self, text):
        self.reading = Reading()
        self.text, self.at, self.line = text, 0, 1
        self.first_option = 0  # the number that the first of several options has
        self.unknown: set[str] = set()
        self.around: list[tuple[FoundQuestion, list[str]]] = []  # each question, and what it stands in

    def read(self, value: Any) -> Reading:
        if isinstance(value, dict) and isinstance(value.get("documents"), list):
            return bank.reading_of(list(_items(value)), self.line_of)
        if isinstance(value, dict) and not self.is_question(value):
            value = self.take_page(value)
        self.first_option = _first_option(value)
        self.walk(value, [], 0)
        self.take_around()
        return self.reading.finish()

    def take_around(self):
        """Take what stands around questions as their level, where it names several, and else as topics."""
        names = {name for _question, around in self.around for name in around}
        level_of = {name: level for name in names if (level := levels.of_words(name))}
        if len(set(level_of.values())) < 2:
            level_of = {}
        for question, around in self.around:
            named = [level_of[name] for name in around if name in level_of]
            question.difficulty = question.difficulty or (named[-1] if named else "")
            subjects = [name for name in around if name not in level_of]
            question.topics = distinct([*subjects, *question.topics])

    def take_page(self, value):
        """Take what the object around the questions says of them; returns what is left of it."""
        rest = {}
        for key, each in value.items():
            if key in {"title", "category", "intro"} and isinstance(each, str):
                setattr(self.reading, key, texts.block(each) if key == "intro" else texts.line(each))
            elif key == "steps" and isinstance(each, list):
                self.reading.steps += [_step(step) for step in each if isinstance(step, dict | str)]
            elif key == "tips" and isinstance(each, list):
                self.reading.tips += [
                    texts.line(str(tip)) for tip in each if isinstance(tip, str | int | float)
                ]
            else:
                rest[key] = each
        return rest

    def is_question(self, value):
        if any(_holds_objects(str(key), each) for key, each in value.items()):
            return False
        names = [str(key) for key, each in value.items() if _one_text(each)]
        roles = best_roles(names)
        if "question" not in roles:
            return False
        others = {role_of(str(key)) for key in value}
        return (
            len(value) < 2
            or bool(others & {"answer", "difficulty", "topics", "options", "correct", "option b"})
            or (names[roles.index("question")].casefold() in {"question", "q", "front", "prompt"})
        )

    def walk(self, value, topics, depth):
        if depth > _DEEPEST:
            raise UnreadableFile("Lists in lists in lists: too deep for a list of questions.")
        if isinstance(value, list) and _are_questions(value):
            for each in value:
                self.add({"question": [each]}, topics)
        elif chats.is_chat(value):
            self.take_chat(value, topics)
        elif isinstance(value, list):
            for each in value:
                self.walk(each, topics, depth + 1)
        elif isinstance(value, dict):
            if self.is_question(value):
                self.take_question(value, topics)
            else:
                self.walk_object(value, topics, depth)
        elif value not in (None, ""):
            self.reading.leave(self.find(str(value)), str(value)[:2000])

    def take_chat(self, turns, topics):
        for question, answer in chats.exchanges(turns):
            if question:
                self.add({"question": [question], "answer": [answer]}, topics)
            else:
                self.reading.leave(self.find(answer), answer[:2000])

    def walk_object(self, value, topics, depth):
        """An object of subjects, of questions as keys with answers as values, or around a list."""
        name = _name_of(value) if depth else None
        topics = [*topics, texts.line(value[name])] if name else topics
        for key, each in value.items():
            if key == name:
                continue
            key = str(key)
            if isinstance(each, str) and ("?" in key or len(key.split()) > 3):
                self.add({"question": [key], "answer": [each]}, topics)
            elif isinstance(each, list | dict):
                is_list = folded(key) in _LISTS or key.isdigit()
                self.walk(each, topics if is_list else [*topics, texts.line(key)], depth + 1)
            elif each not in (None, ""):
                self.reading.leave(self.find(str(each)), f"{key}: {each}"[:2000])

    def take_question(self, value, topics):
        keys = list(value)
        values: dict[str, list[str]] = {}
        for key, role in zip(keys, best_roles([str(key) for key in keys]), strict=True):
            found = list(_texts_of(value[key]))
            if not found:
                continue
            if role in {"", "number"}:
                self.note_unknown(str(key), role)
            elif role in {"options", "answer"} and _are_options(value[key], role):
                values |= {f"option {letter}": [each] for letter, each in zip(_LETTERS, found, strict=False)}
                if right := choices.right_letters(value[key]):
                    values["correct"] = [right]
            elif role in {"correct", "answer"} and self.is_number_of_option(value[key], value):
                values["correct"] = [_LETTERS[value[key] - self.first_option]]
            elif role in {"key_points", "topics", "wrong"}:
                values.setdefault(role, []).extend(found)
            else:
                values.setdefault(role, []).append("\n\n".join(found))
        self.add(values, topics)

    def is_number_of_option(self, number, value):
        """Whether a number names one of the options of an object."""
        count = _count_of_options(value)
        return isinstance(number, int) and count > 0 and 0 <= number - self.first_option < min(count, 8)

    def add(self, values, topics):
        if "question" not in values:
            self.reading.leave(self.line, json.dumps(values, ensure_ascii=False)[:2000])
            return
        question = question_of(values, self.find(values["question"][0]))
        self.around.append((question, topics))
        self.reading.questions.append(question)

    def note_unknown(self, key, role):
        if key not in self.unknown and not role:
            self.unknown.add(key)
            self.reading.warn(self.line, f"“{key[:60]}” is not taken: the name says nothing usual")

    def line_of(self, item):
        return self.find(str((item.document or {}).get("question", "")))

    def find(self, words):
        """The line in which `words` begin, looked for from the last one on."""
        start = words.split("\n")[0][:40]
        for form in (start, json.dumps(start)[1:-1], json.dumps(start, ensure_ascii=False)[1:-1]):
            place = self.text.find(form, self.at) if form else -1
            if place >= 0:
                self.line += self.text.count("\n", self.at, place)
                self.at = place + 1
                break
        return self.line


def _items(value: dict[str, Any]) -> Iterator[Item]:
    """The documents of a bank, each checked for itself: references are checked when they are planned."""
    if unknown := sorted(value.keys() - {"$schema", "documents"}):
        raise UnreadableFile(f"“{unknown[0][:60]}” is not known beside “documents”.")
    seen: set[tuple[str, str]] = set()
    for number, each in enumerate(value["documents"], start=1):
        try:
            item = _item(each)
        except ValueError as error:
            raise UnreadableFile(f"Document {number:,} cannot be read: {error}") from error
        if item.key in seen:
            raise UnreadableFile(f"Document {number:,} is the {item.kind} “{item.uid}” a second time.")
        seen.add(item.key)
        yield item


def _item(value):
    """The document that the object `value` is. Raises ValueError with a sentence."""
    if not isinstance(value, dict):
        raise ValueError("it is no object.")
    kind, uid = value.get("kind"), value.get("id")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"its “kind” is none of {', '.join(KINDS)}.")
    if not isinstance(uid, str) or not 0 < len(uid) <= 100 or texts.address(uid) != uid:
        raise ValueError("its “id” is no text of 1 to 100 characters.")
    document = {key: each for key, each in value.items() if key not in {"kind", "id"}}
    if unknown := sorted(document.keys() - KINDS[kind].defaults.keys()):
        raise ValueError(f"a {kind} has no “{unknown[0][:60]}”.")
    try:
        KINDS[kind].clean(document)
    except ValidationError as error:
        key, messages = next(iter(error.message_dict.items()))
        raise ValueError(f"{key}: {messages[0]}") from error
    return Item(kind, uid, document)


def _step(step):
    if isinstance(step, str):
        return FoundStep(texts.line(step), "")
    title = next((step[key] for key in ("title", "name", "step") if isinstance(step.get(key), str)), "")
    body = next((step[key] for key in ("body", "text", "description") if isinstance(step.get(key), str)), "")
    return FoundStep(texts.line(title), texts.block(markdown(body)))


def _one_text(value):
    """A text, or that of an object which holds nothing else, such as `{"text": "What is it?"}`."""
    if isinstance(value, dict) and len(value) < 3:
        value = next((value[key] for key in _TEXTS if isinstance(value.get(key), str)), "")
    return value if isinstance(value, str) else ""


def _holds_objects(key, value):
    """Whether a list holds objects that are more than parts of a question."""
    if not isinstance(value, list) or not any(isinstance(each, dict) for each in value):
        return False
    are_flat = all(
        not isinstance(part, list | dict)
        for each in value
        if isinstance(each, dict)
        for part in each.values()
    )
    return role_of(key) not in _PARTS or not are_flat


def _are_questions(values):
    """Whether a list holds texts, most of which ask."""
    if not values or not all(isinstance(each, str) for each in values):
        return False
    return sum(bool(titles.asks(texts.line(each))) for each in values) >= len(values) / 2


def _name_of(value):
    """The key under which an object says what the questions in it are about."""
    if not any(isinstance(each, list | dict) for each in value.values()):
        return None
    return next((key for key in _SUBJECTS if isinstance(value.get(key), str) and len(value[key]) <= 80), None)


def _are_options(value, role):
    """Whether a value holds options: one beside the other, by letter, or as objects of which one is right."""
    if role == "options":
        return isinstance(value, list | dict)
    if isinstance(value, dict):
        return len(value) > 1 and all(role_of(str(key)).startswith("option ") for key in value)
    return isinstance(value, list) and bool(choices.right_letters(value))


def _count_of_options(value):
    return next(
        (
            len(each)
            for key, each in value.items()
            if role_of(str(key)) == "options" and isinstance(each, list)
        ),
        0,
    )


def _first_option(value):
    """Whether the numbers of right options begin with 0 or with 1, in all of a file."""
    numbers, are_last = set(), False
    stack = [value]
    while stack:
        each = stack.pop()
        parts = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        stack += [part for part in parts if isinstance(part, list | dict)]
        if isinstance(each, dict) and (count := _count_of_options(each)):
            for key, number in each.items():
                if type(number) is int and role_of(str(key)) in {"correct", "answer"}:
                    numbers.add(number)
                    are_last = are_last or number == count
    return 1 if are_last and 0 not in numbers else 0


def _texts_of(value: Any) -> Iterator[str]:
    """The texts in a value: itself, or those of a list or of the objects in one."""
    if isinstance(value, list):
        for each in value:
            yield from _texts_of(each)
    elif isinstance(value, dict):
        inner = [value[key] for key in _TEXTS if isinstance(value.get(key), str)]
        yield from inner[:1] or [str(each) for each in value.values() if isinstance(each, str | int | float)]
    elif value is not None and value != "":
        yield str(value)
