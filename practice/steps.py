"""Which step of a learning path teaches what was missed.

Nothing says so in the bank: it is the step that has most of a question's words, above all of those that few
steps have. Where two steps are nearly alike, none is named.
"""

from collections import Counter
from collections.abc import Iterable
from math import log
from typing import NamedTuple

from learningpath.models import LearningStep
from questions.models import Question, Role, roles_in_order
from questions.search.tokens import stem, words
from questions.wording import EMPTY

CLEARLY = 1.25  # times as well as any other step
ENOUGH = 2  # times that a word of a step counts
FRAME = frozenset(map(stem, EMPTY))

Words = Counter[str]


class Step(NamedTuple):
    """A step, and which one of its path it is; the better it fits a question, the larger is `fit`."""

    fit: float
    number: int
    row: LearningStep


def step_to_read(questions: list[Question], role: str = "") -> Step | None:
    """The step that fits one of the `questions` best: four statements, if there are any.

    The path is that of the role with the slug `role`, or else of the first one that asks one of them.
    """
    path = _path_of(questions, role) if questions else []
    if not path:
        return None
    rows = Question.objects.filter(pk__in=[each.pk for each in questions]).prefetch_related("topics")
    rows = rows.only("text", "label", "key_points")
    fitting = [step for question in rows if (step := _fitting(_words_of_question(question), path))]
    return max(fitting, key=lambda step: step.fit, default=None)


def _path_of(questions, slug):
    roles = Role.objects.published().filter(placements__question__in=questions, steps__isnull=False)
    if slug:
        roles = roles.filter(slug=slug)
    role = roles.order_by(*roles_in_order()).first()
    return list(role.steps.defer("body_html").select_related("role")) if role else []


def _fitting(asked: Words, path: list[LearningStep]) -> Step | None:
    """The step that clearly fits best."""
    taught = [_words_of_step(step) for step in path]
    frequency = Counter(word for words in taught for word in words)
    shared = asked.keys() & frequency.keys()
    weights = {word: asked[word] * log((len(path) + 1) / frequency[word]) for word in shared}
    fits = [sum(weight * min(words[word], ENOUGH) for word, weight in weights.items()) for words in taught]
    best, *others = sorted(fits, reverse=True)
    if best <= CLEARLY * max(others, default=0):
        return None
    index = fits.index(best)
    return Step(best, index + 1, path[index])


def _words_of_question(question):
    topics = [topic.name for topic in question.topics.all()]
    return _words([question.text, question.label, *question.key_points, *topics, *topics])


def _words_of_step(step):
    titles = [link["title"] for link in step.resources]
    return _words([step.title, step.title, step.body, *titles])


def _words(texts: Iterable[str]) -> Words:
    return Counter(word for text in texts for word in map(stem, words(text)) if word not in FRAME)
