"""A believable bank of any size: the same bytes for the same seed and the same shipped bank.

`python -m bench.generated 100000 500` loads 100,000 questions and 500 roles into the bank of
DATABASE_URL; `--folder DIR` writes them as bank files instead. Each text has the shape of a shipped one
(its sentences, lists, tables and code) and words drawn again: the words of the shipped bank as often as
they stand there, and behind them a long tail of invented ones.
"""

import argparse
import os
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice
from math import sqrt
from pathlib import Path
from random import Random

import django
from django.core.management import call_command
from pygments.lexers import get_lexer_by_name
from pygments.token import Name
from pygments.util import ClassNotFound

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
django.setup()

from questions import bankfiles, markdown  # noqa: E402
from questions.fields import slug_of  # noqa: E402

CONTENT = Path(__file__).resolve().parent.parent / "content"
SET = 5_000  # documents of one change set
VOCABULARY = 20_000
COPIES = 5  # of a word in the pool, for each time that the shipped bank has it
OWN = 9  # about one word in so many is one of the question's topic, for real words come in bursts
NEWEST = date(2026, 11, 24)
DAYS = [(NEWEST - timedelta(days)).isoformat() for days in range(730)]
LONGEST = 200  # characters of a line
NAMES = (
    "C++ C# F# .NET Node.js Vue.js k8s i18n p99 CI/CD HTTP/2 TCP/IP OAuth2 IPv6 UTF-8 x86-64 gRPC "
    "scikit-learn ISO-8601 S3 24/7 99.9% 2.5 1024 65,536"
).split()
TRADES = "Engineer Developer Analyst Architect Scientist Administrator Designer Consultant Tester".split()


# Shapes: what a shipped text is like when its words are taken out

_CODE_SPAN = re.compile(r"`[^`]+`")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+")
_ITEM = re.compile(r"^((?:[-*+]|\d+[.)])\s+)", re.MULTILINE)
_PLAIN = re.compile(r"[^\W_][\w'’.%/+#&-]*")  # no character that Markdown would take for its own
_RENAMED = {Name, Name.Attribute, Name.Class, Name.Function, Name.Other, Name.Property, Name.Variable}


@dataclass(frozen=True)
class Sentence:
    words: int
    spans: int  # of inline code among the words
    end: str

    @classmethod
    def of(cls, text):
        words = _CODE_SPAN.sub("`", text).split()
        end = text[-1] if text[-1] in ".?!:" else ""
        return cls(len(words), sum("`" in word for word in words), end)


@dataclass(frozen=True)
class Paragraph:
    sentences: list

    @classmethod
    def of(cls, text):
        return cls([Sentence.of(sentence) for sentence in _SENTENCE.split(text.strip())])

    def drawn(self, writer):
        return " ".join([writer.sentence(sentence) for sentence in self.sentences])


@dataclass(frozen=True)
class List:
    items: list  # (marker, Paragraph)

    @classmethod
    def of(cls, text):
        parts = _ITEM.split(text)[1:]
        return cls(
            [(marker, Paragraph.of(item)) for marker, item in zip(parts[::2], parts[1::2], strict=True)]
        )

    def drawn(self, writer):
        return "\n".join([marker + paragraph.drawn(writer) for marker, paragraph in self.items])


@dataclass(frozen=True)
class Table:
    """Its cells: a Sentence, or the text itself where that has no words but numbers and marks."""

    rows: list

    @classmethod
    def of(cls, text):
        lines = [line.strip().strip("|").split("|") for line in text.splitlines()]
        return cls([[cls._cell(cell.strip()) for cell in line] for line in lines])

    @staticmethod
    def _cell(text):
        return Sentence.of(text) if re.search(r"[^\W\d]{2}", text) else text

    def drawn(self, writer):
        rows = ([writer.cell(cell) for cell in row] for row in self.rows)
        return "\n".join([f"| {' | '.join(row)} |" for row in rows])


@dataclass(frozen=True)
class Code:
    """A fenced block as its tokens; the names among them are drawn again, and so are digits."""

    info: str
    tokens: list
    names: list

    @classmethod
    def of(cls, info, code):
        try:
            lexer = get_lexer_by_name(info.split()[0], stripnl=False)
        except (ClassNotFound, IndexError):
            return cls(info, [code], [])
        tokens = list(lexer.get_tokens(code))
        names = dict.fromkeys(text for kind, text in tokens if kind in _RENAMED and len(text) > 2)
        return cls(info, [text for _kind, text in tokens], list(names))

    def drawn(self, writer):
        names = dict(zip(self.names, writer.identifiers(len(self.names)), strict=True))
        code = "".join([names.get(token, token) for token in self.tokens])
        return f"```{self.info}\n{writer.with_other_digits(code)}```"


def shapes(text):
    """The shapes of the blocks of Markdown `text`."""
    lines, found = text.splitlines(), []
    for token in markdown.blocks(text):
        if token.map:
            block = "\n".join(lines[slice(*token.map)])
            found.append(_shape(token, block))
    return found


def _shape(token, block):
    if token.type == "fence":
        return Code.of(token.info.strip(), token.content)
    if token.type == "table_open":
        return Table.of(block)
    if token.type in {"bullet_list_open", "ordered_list_open"}:
        return List.of(block)
    return Paragraph.of(block)


# The shipped bank, from which everything is drawn


class Shipped:
    """What the shipped bank is like: how often its words are used, and the shapes of its texts."""

    def __init__(self, folder=CONTENT):
        documents = {}
        for kind, _uid, document in bankfiles.read(folder).items:
            documents.setdefault(kind, []).append(document)
        self.categories, self.topics = documents["category"], documents["topic"]
        self.questions, self.roles = documents["question"], documents["role"]
        self.slugs = [document["slug"] for document in chain(self.questions, self.roles)]
        self._count_words()
        self.openers = [tuple(question["question"].split()[:3]) for question in self.questions]
        self.titles = [Sentence.of(question["question"]) for question in self.questions]
        self.answers = [shapes(question["answer"]) for question in self.questions]
        self.short_answers = self._texts_of("short_answer")
        self.weak_answers = self._texts_of("weak_answer")
        self.key_points = self._lists("key_points")
        self.follow_ups = self._lists("follow_ups")
        self.sources = [
            [(Sentence.of(source["title"]), "url" in source) for source in question["sources"]]
            for question in self.questions
        ]
        self.topic_counts = [len(question["topics"]) for question in self.questions]
        self.intros = [shapes(role["intro"]) for role in self.roles]
        self.paths = [
            [(shapes(step["body"]), len(step["resources"])) for step in role["steps"]] for role in self.roles
        ]
        self.tips = [[Sentence.of(tip["text"]) for tip in role["tips"]] for role in self.roles]

    def _texts_of(self, key):
        return [shapes(question[key]) for question in self.questions if question.get(key)]

    def _lists(self, key):
        return [[Sentence.of(_asked(line)) for line in question[key]] for question in self.questions]

    def _count_words(self):
        """Make the pools to draw from: a word is in `words` as often as it is likely."""
        prose = [_without_code(text) for text in self._texts()]
        sentences = [sentence.split() for text in prose for sentence in _SENTENCE.split(text) if sentence]
        firsts = [words[0] for words in sentences if words and words[0].isalpha()]
        self.starts = [word[0].upper() + word[1:] for word in firsts]
        counts, commas = Counter(), Counter()
        for token in chain.from_iterable(words[1:] for words in sentences):
            word = token.strip("“”‘\"'()[].,;:?!")
            if _PLAIN.fullmatch(word):
                counts[word] += 1
                commas[word] += token.endswith(",")
        counts.update(dict.fromkeys(NAMES, 10))
        tail = _invented_words(VOCABULARY - len(counts), known=counts)
        self.words = [
            f"{word}," if copy < commas[word] * COPIES else word
            for word, count in counts.most_common()
            for copy in range(count * COPIES)
        ]
        # A word of rank r is used as often as 1/r. Half of the shipped words are used but once.
        once = len(counts) / 2 * COPIES
        for rank, word in enumerate(tail, start=len(counts)):
            self.words += [word] * max(1, round(once / rank))
        rare = [word for word, count in counts.items() if count < 20 and word.isalpha() and len(word) > 4]
        self.rare_words = rare + [word for word in tail if word.isalpha()]
        self.identifiers = [word.lower() for word in self.rare_words if word.isascii() and len(word) < 10]
        spans = [span for text in self._texts() for span in _CODE_SPAN.findall(_without_fences(text))]
        spans = [span for span in spans if "|" not in span]  # it would end the cell of a table
        names = zip(self.identifiers[::7], self.identifiers[3::7], strict=False)
        self.spans = spans + [f"`{one}_{other}`" for one, other in islice(names, len(spans))]

    def _texts(self):
        for question in self.questions:
            yield question["answer"]
            yield question["question"]
            yield from (*question["key_points"], *map(_asked, question["follow_ups"]))
            yield from (question.get(key, "") for key in ("short_answer", "weak_answer"))
        for role in self.roles:
            yield from (step["body"] for step in role["steps"])


def _asked(entry):
    """The question of a follow-up, with a hint or without."""
    return entry["question"] if isinstance(entry, dict) else entry


def _without_fences(text):
    return re.sub(r"^```.*?^```$", "\n", text, flags=re.DOTALL | re.MULTILINE)


def _without_code(text):
    """The prose of `text`: no code, and no tables."""
    return _CODE_SPAN.sub("", re.sub(r"^\|.*$", "", _without_fences(text), flags=re.MULTILINE))


def _invented_words(number, known):
    """So many words that can be spoken and look technical, none of them `known`."""
    draw = Random("a long tail of words")  # the same words for every seed
    onsets = "b br c cl cr d dr f fl g gr h j k l m n p pl pr qu r s sc sk sp st t th tr v w x z".split()
    vowels, codas = "a e i o u ai ea io ou".split(), "n r l s t x m ck nd".split()
    ends = "er or ing ion ity ive able ment graph base flow sync stack node store cast mesh lint ops ware"
    forms = [str.capitalize] + [str.lower] * 12
    words = {}
    while len(words) < number:
        syllables = [
            draw.choice(onsets) + draw.choice(vowels) + draw.choice(codas)
            for _each in range(draw.choice([1, 1, 2]))
        ]
        word = draw.choice(forms)("".join([*syllables, draw.choice(ends.split())]))
        if draw.random() < 0.03:
            word = draw.choice([f"{word}.js", f"{word[0]}{len(word)}{word[-1]}", f"{word}DB", f"{word}-2"])
        if word not in known:
            words[word] = None
    return list(words)


# Writing


class Writer:
    """Draws texts. What it draws next follows from its seed and what it has drawn."""

    def __init__(self, shipped, seed):
        self.shipped = shipped
        self.random = Random(f"{seed}")
        self.subject = shipped.rare_words[:20]  # the words that what is being written is about
        nonzero = "123456789"
        self.digits = [str.maketrans(nonzero, "".join(self.random.sample(nonzero, 9))) for _each in range(50)]

    def choice(self, options):
        return options[int(self.random.random() * len(options))]

    def sentence(self, shape):
        words = self.random.choices(self.shipped.words, k=shape.words)
        for place in range(int(self.random.random() * OWN), shape.words, OWN):
            words[place] = self.choice(self.subject)
        words[0] = self.choice(self.shipped.starts)
        for place in self.random.sample(range(shape.words), shape.spans):
            words[place] = self.choice(self.shipped.spans)
        return " ".join(words).rstrip(",") + shape.end

    def line(self, shape):
        """A sentence that is no longer than a line may be."""
        text = self.sentence(shape)
        return text if len(text) <= LONGEST else text[:LONGEST].rpartition(" ")[0].rstrip(",") + shape.end

    def lines(self, lists):
        return [self.line(shape) for shape in self.choice(lists)]

    def text(self, texts):
        return "\n\n".join([block.drawn(self) for block in self.choice(texts)])

    def cell(self, cell):
        return self.with_other_digits(cell) if isinstance(cell, str) else self.sentence(cell)

    def with_other_digits(self, text):
        return text.translate(self.choice(self.digits))

    def identifiers(self, number):
        return self.random.choices(self.shipped.identifiers, k=number)

    def name(self, words):
        return " ".join(self.random.choices(self.shipped.rare_words, k=words)).capitalize()

    def link(self, title, has_url=True):
        if not has_url:
            return {"title": title}
        host, *path = self.identifiers(3)
        return {"title": title, "url": f"https://{host}.example/{'/'.join(path)}/"}

    def status(self):
        return self.random.choices(["published", "draft", "review", "retired"], [960, 20, 10, 10])[0]

    def unlike(self, known, make):
        """`make()`, a pair of a slug and a document, until nothing in `known` has the slug."""
        slug, document = make()
        while slug in known:
            slug, document = make()
        known[slug] = None
        return slug, document


# Documents


def documents(questions, roles, seed=1, shipped=None):
    """`(kind, uid, document)` of a bank of so many questions and roles, each after what it refers to.

    None of its questions and roles has the address of a shipped one; topics and categories begin with
    the shipped ones. All that is kept meanwhile are the addresses.
    """
    shipped = shipped or Shipped()
    writer = Writer(shipped, seed)
    categories = list(_categories(writer, category_count(roles)))
    topics = list(_topics(writer, topic_count(questions)))
    yield from (("category", document["slug"], document) for document in categories)
    yield from (("topic", document["slug"], document) for document in topics)
    slugs = dict.fromkeys(shipped.slugs)
    for document in _questions(writer, questions, topics, slugs):
        yield "question", document["slug"], document
    placeable = list(slugs)[len(shipped.slugs) :]
    writer.random.shuffle(placeable)
    for document in _roles(writer, roles, categories, placeable, dict.fromkeys(shipped.slugs)):
        yield "role", document["slug"], document


def category_count(roles):
    return max(5, round(sqrt(roles)))


def topic_count(questions):
    return max(1, round(sqrt(questions)))


def size(questions, roles):
    """The number of documents of a bank of so many questions and roles."""
    return category_count(roles) + topic_count(questions) + questions + roles


def _categories(writer, number):
    known = dict.fromkeys(category["slug"] for category in writer.shipped.categories)
    yield from writer.shipped.categories[:number]
    for position in range(len(known) + 1, number + 1):
        _slug, document = writer.unlike(known, lambda: _named(writer.name(2)))
        yield document | {"position": position}


def _topics(writer, number):
    known = dict.fromkeys(topic["slug"] for topic in writer.shipped.topics)
    first = writer.random.sample(writer.shipped.topics, min(number, len(known)))
    invented = (
        writer.unlike(known, lambda: _named(writer.name(2)))[1] for _each in range(len(known), number)
    )
    yield from chain(first, invented)


def _named(name):
    slug = slug_of(name)
    return slug, {"slug": slug, "name": name}


def _questions(writer, number, topics, slugs):
    slugs_of_topics = [topic["slug"] for topic in topics]
    uses = [1 / rank for rank in range(1, len(topics) + 1)]
    subjects = {slug: writer.random.choices(writer.shipped.rare_words, k=30) for slug in slugs_of_topics}
    for _each in range(number):
        count = writer.choice(writer.shipped.topic_counts)
        chosen = dict.fromkeys(writer.random.choices(slugs_of_topics, uses, k=count))
        writer.subject = subjects[next(iter(chosen))]
        slug, title = writer.unlike(slugs, lambda: _title(writer))
        yield _question(writer, slug, title, sorted(chosen))


def _title(writer):
    """A title, and the address that follows from it: two titles alike would have one address."""
    words = writer.line(writer.choice(writer.shipped.titles)).split()
    words[:3] = writer.choice(writer.shipped.openers)
    telling = sorted(dict.fromkeys(words[3:]), key=lambda word: (-len(word), word))[:3]
    return slug_of(" ".join(word for word in words[3:] if word in telling))[:80].strip("-"), " ".join(words)


def _question(writer, slug, title, topics):
    """The document of a question: a new key of documents is a new line here."""
    shipped, status = writer.shipped, writer.status()
    return {
        "slug": slug,
        "question": title,
        "difficulty": writer.choice(["easy", "medium", "medium", "hard"]),
        "status": status,
        "reviewed_on": None if status == "draft" else writer.choice(DAYS),
        "topics": topics,
        "short_answer": writer.text(shipped.short_answers),
        "answer": writer.text(shipped.answers),
        "key_points": writer.lines(shipped.key_points),
        "weak_answer": writer.text(shipped.weak_answers),
        "follow_ups": [
            {"question": asked, "hint": writer.text(shipped.weak_answers)[:400]}
            for asked in writer.lines(shipped.follow_ups)
        ],
        "sources": [
            writer.link(writer.line(title), has_url) for title, has_url in writer.choice(shipped.sources)
        ],
    }


def _roles(writer, number, categories, placeable, known):
    sizes = chain([300, 200, 200, 200] if number >= 100 else [], iter(lambda: 0, 1))
    for length in islice(sizes, number):
        writer.subject = writer.random.choices(writer.shipped.rare_words, k=30)
        slug, named = writer.unlike(
            known, lambda: _named(f"{writer.name(2).title()} {writer.choice(TRADES)}")
        )
        length = min(length or writer.random.randint(20, 40), len(placeable))
        yield _role(writer, slug, named["name"], categories, _drawn_questions(writer, placeable, length))


def _drawn_questions(writer, placeable, length):
    """So many of `placeable`, each once: the first of them come up often, so that roles share them."""
    drawn = {}
    while len(drawn) < length:
        drawn[placeable[int(writer.random.random() ** 2 * len(placeable))]] = None
    return list(drawn)


def _role(writer, slug, name, categories, questions):
    """The document of a role: a new key of documents is a new line here."""
    shipped = writer.shipped
    return {
        "slug": slug,
        "name": name,
        "category": writer.choice(categories)["slug"],
        "status": writer.status(),
        "internships_url": writer.choice(["", "", "", writer.link("")["url"]]),
        "intro": writer.text(shipped.intros),
        "questions": questions,
        "steps": _steps(writer, writer.choice(shipped.paths)),
        "tips": _tips(writer, writer.choice(shipped.tips)),
    }


def _steps(writer, path):
    known, steps = {}, []
    for body, links in path:
        key, title = writer.unlike(known, lambda: _keyed(writer.name(3)))
        text = "\n\n".join([block.drawn(writer) for block in body])
        resources = [writer.link(writer.name(3)) for _each in range(links)]
        steps.append({"key": key, "title": title, "body": text, "resources": resources})
    return steps


def _tips(writer, tips):
    known = {}
    keyed = [writer.unlike(known, lambda shape=shape: _keyed(writer.line(shape))) for shape in tips]
    return [{"key": key, "text": text} for key, text in keyed]


def _keyed(text):
    """A key as a bank file would read it from the text, so that files need not name it."""
    return slug_of(text)[:60].strip("-"), text


# The command


def load(items, number):
    """Load `items`, which are so many, into the bank: in change sets, with a line for each."""
    from questions.changes import ChangeSet  # a model, so only once the settings are read

    items, loaded, began = iter(items), 0, time.monotonic()
    while some := list(islice(items, SET)):
        summary = f"Generated documents from number {loaded + 1}"
        ChangeSet.objects.plan(some, source=ChangeSet.Source.IMPORT, summary=summary).apply()
        loaded += len(some)
        print(f"{loaded:,} of {number:,} documents, {time.monotonic() - began:,.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=int)
    parser.add_argument("roles", type=int)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--folder", type=Path, help="write bank files there, and nothing into the database")
    options = parser.parse_args()
    items = documents(options.questions, options.roles, options.seed)
    began = time.monotonic(), time.process_time()
    if options.folder:
        written, _removed = bankfiles.write(items, options.folder)
        done = f"Wrote {written:,} files"
    else:
        call_command("migrate", verbosity=0)
        load(items, size(options.questions, options.roles))
        done = "Loaded"
    took, used = time.monotonic() - began[0], time.process_time() - began[1]
    print(f"{done} in {took:,.1f} s, {used:,.1f} s of them processor time.")


if __name__ == "__main__":
    main()
