"""Every component in every state on one page, for developers and for the tests that photograph it.

Nothing here touches the database: the rows are made up and never saved.
"""

from datetime import date
from types import SimpleNamespace

from django.http import QueryDict
from django.shortcuts import render

from learningpath.models import LearningStep, Tip
from questions import markdown
from questions.filters import Choice, QuestionFilter
from questions.models import Difficulty, Placement, Question, Role, Topic

ANSWER = """They nest. **Artificial intelligence** is the aim; *machine learning* is one way, with `fit()`.

- the first of three
- the second, with [a link](https://example.org)

1. then this
2. then that

> A remark from another text.

Words with accents and signs: naïve café, 3 × 4 ≈ 12, x ≤ y → z, α + β = √2, £5 – ½ price."""

EXTREMES = """A word of eighty letters: {word}.

| Kind | Learns from | Typical task | Example | Price | Sixth | Seventh |
| --- | --- | :-: | --- | --: | --- | --- |
| Supervised | examples with the right answer attached | classification | spam or not | 12.00 | six | seven |
| Unsupervised | examples without answers | clustering | customer groups | 1.50 | six | seven |

```python
# A comment, and a line that is far longer than its column, so that it has to scroll
def psi(expected, actual, bins=10):
    return sum((a - e) * log(a / e) for e, a in zip(expected, actual, strict=True))  # {word}
```

```math
\\mathrm{{PSI}} = \\sum_{{i=1}}^{{n}} (a_i - e_i) \\ln \\frac{{a_i}}{{e_i}}
```
""".format(word="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")

LONG_TITLE = (
    "How would you explain to a person who has never written a line of code what it means that a model of "
    "theirs has learnt its examples by heart?"
)
PARTS = {
    "key_points": ["Embed, index, retrieve, then generate", "Reduces invention, does not end it"],
    "short_answer_html": markdown.render("They nest: *deep* learning is one way to do `machine` learning."),
    "weak_answer_html": markdown.render("“AI is the new name.” That ranks them by fashion."),
    "follow_ups": [
        {"question": "How do you measure `retrieval` apart from generation?", "hint": "Two test sets."},
        "When would keywords win?",
    ],
    "sources": [
        {"title": "Goodfellow and others, 2016"},
        {"title": "A page", "url": "https://example.org"},
    ],
}
TOPICS = [Topic(slug="rag", name="RAG"), Topic(slug="evaluation", name="Evaluation")]


def styleguide(request):
    return render(request, "styleguide.html", context())


def context():
    role = Role(name="AI Engineer", slug="ai-engineer", internships_url="https://example.org/internships")
    placements = [
        placement(1, "easy", "What is the difference between AI and machine learning?", ANSWER, **PARTS),
        placement(2, "medium", LONG_TITLE, EXTREMES),
        placement(3, "hard", "Design a system.", ANSWER, hidden=True, **PARTS),
    ]
    return {
        "role": role,
        "filterset": filterset(),
        "total": 7,
        "placements": placements,
        "rows": placements,
        "parts": [],
        "title": "On this page",
        "list_address": "",
        "current": None,
        "difficulties": Difficulty.values,
        "entries": [entry(0, 1, 0), entry(2, 5, 4), entry(7, 15, 8), entry(300, 400, 300)],
        "steps": [step(1, "Programming and data"), step(2, "The core of machine learning")],
        "tips": [Tip(text="Tie every concept to something you built."), Tip(text="Be able to draw it.")],
        "colours": "paper wash ink ink-quiet ink-faint rule edge accent easy medium hard endpaper".split(),
        "sizes": "title heading section question lead text ui note".split(),
    }


def placement(number, difficulty, text, answer, *, hidden=False, **values):
    """A question as a role page lists it. The last one is hidden, as by a filter."""
    question = Question(
        slug=f"example-{number}",
        text=text,
        difficulty=difficulty,
        answer_html=markdown.render(answer),
        reviewed_on=date(2026, 11, 12),
        **values,
    )
    listed = Placement(question=question)
    listed.number, listed.total, listed.topics, listed.is_hidden = number, 3, TOPICS, hidden
    listed.outline_address = f"#q-{question.slug}"
    return listed


def entry(easy, medium, hard):
    """A role of so many questions in a list of contents."""
    role = Role(name="AI Engineer", slug="ai-engineer")
    role.easy_count, role.medium_count, role.hard_count = easy, medium, hard
    return role


def step(number, title):
    return LearningStep(
        key=f"step-{number}",
        title=title,
        body_html=markdown.render("Learn **this**.\n\nProve it by building that."),
        resources=[{"title": "A course", "url": "https://example.org/course"}, {"title": "A book"}],
    )


def filterset():
    """The filter with a choice of each state, and with an error."""
    data = QueryDict("difficulty=impossible&q=words")
    return SimpleNamespace(
        form=QuestionFilter(data, Placement.objects.none()).form,
        difficulties=[
            Choice("easy", Difficulty.EASY.label, 2, checked=True),
            Choice("medium", Difficulty.MEDIUM.label, 5, checked=False),
            Choice("hard", Difficulty.HARD.label, 0, checked=False),
        ],
        topics=[Choice("rag", "RAG", 3, checked=True), Choice("none", "Nothing", 0, checked=False)],
        topics_label="RAG",
        is_filtered=True,
        found=[1, 2],
        shown=[1, 2],
    )
