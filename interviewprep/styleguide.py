"""Every component in every state on one page, for developers and for the tests that photograph it.

Nothing here touches the database: the rows are made up and never saved.
"""

from datetime import date
from types import SimpleNamespace

from django.http import QueryDict
from django.shortcuts import render

from learningpath.models import LearningStep, Tip
from questions import markdown
from questions.filters import Chip, QuestionFilter, TopicName
from questions.models import Difficulty, Placement, Question, Role

_ANSWER = """They nest. **Artificial intelligence** is the aim; *machine learning* is one way, with `fit()`.

- the first of three
- the second, with [a link](https://example.org)

1. then this
2. then that

> A remark from elsewhere.

Words from elsewhere: naïve café, 3 × 4 ≈ 12, x ≤ y → z, α + β = √2, £5 – ½ price."""

_EXTREMES = """A word of eighty letters: {word}.

| Kind | Learns from | Typical task | Example | Price | Sixth | Seventh |
| --- | --- | :-: | --- | --: | --- | --- |
| Supervised | examples with the right answer attached | classification | spam or not | 12.00 | six | seven |
| Unsupervised | examples without answers | clustering | customer groups | 1.50 | six | seven |

```python
# A comment, and a line that is far longer than the column in which it stands, so that it has to scroll
def psi(expected, actual, bins=10):
    return sum((a - e) * log(a / e) for e, a in zip(expected, actual, strict=True))  # {word}
```

```math
\\mathrm{{PSI}} = \\sum_{{i=1}}^{{n}} (a_i - e_i) \\ln \\frac{{a_i}}{{e_i}}
```
""".format(word="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")


def _question(number, difficulty, text, answer, **values):
    question = Question(
        slug=f"example-{number}",
        text=text,
        difficulty=difficulty,
        answer_html=markdown.render(answer),
        reviewed_on=date(2026, 11, 12),
        **values,
    )
    return {"question": question, "number": number, "topics": values.pop("topics", [])}


def _split(easy, medium, hard):
    return list(zip(Difficulty.values, Difficulty.labels, (easy, medium, hard), strict=True))


def styleguide(request):
    role = Role(name="AI Engineer", slug="ai-engineer", internships_url="https://example.org/internships")
    gloss = {
        "key_points": ["Embed, index, retrieve, then generate", "Reduces invention, does not end it"],
        "short_answer_html": markdown.render(
            "They nest: *deep* learning is one way to do `machine` learning."
        ),
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
    long = "How would you explain to a person who has never written a line of code what it means that "
    shown = [
        _question(1, "easy", "What is the difference between AI and machine learning?", _ANSWER, **gloss),
        _question(2, "medium", long + "a model of theirs has learnt its examples by heart?", _EXTREMES),
    ]
    hidden = [_question(3, "hard", "Design a system.", _ANSWER, **gloss)]
    for item in [*shown, *hidden]:
        item["topics"] = [TopicName("rag", "RAG"), TopicName("evaluation", "Evaluation")]
    asked = QuestionFilter(QueryDict("difficulty=impossible&q=words"), Placement.objects.none())
    filterset = SimpleNamespace(
        form=asked.form,
        difficulties=[
            Chip("easy", Difficulty.EASY.label, 2, checked=True),
            Chip("medium", Difficulty.MEDIUM.label, 5, checked=False),
            Chip("hard", Difficulty.HARD.label, 0, checked=False),
        ],
        topics=[Chip("rag", "RAG", 3, checked=True), Chip("none", "Nothing", 0, checked=False)],
        shown=[1, 2],
    )
    rows = [
        SimpleNamespace(
            slug=f"example-{number}", number=number, difficulty=difficulty, label=text, absent=absent
        )
        for number, difficulty, text, absent in (
            (1, "easy", "What is the difference between AI and machine learning?", False),
            (2, "medium", long, False),
            (30, "hard", "Design a system.", True),
        )
    ]
    context = {
        "role": role,
        "filterset": filterset,
        "total": 7,
        "shown": shown,
        "hidden": hidden,
        "rows": rows,
        "difficulties": Difficulty.choices,
        "splits": [_split(0, 1, 0), _split(2, 5, 4), _split(7, 15, 8), _split(300, 400, 300)],
        "steps": [
            LearningStep(
                key=f"step-{number}",
                title=title,
                body_html=markdown.render("Learn **this**.\n\nProve it by building that."),
                resources=[{"title": "A course", "url": "https://example.org/course"}, {"title": "A book"}],
            )
            for number, title in enumerate(["Programming and data", "The core of machine learning"])
        ],
        "tips": [Tip(text="Tie every concept to something you built."), Tip(text="Be able to draw it.")],
        "colours": "paper wash ink ink-quiet ink-faint rule edge accent easy medium hard endpaper".split(),
        "sizes": "title heading section question lead text ui note".split(),
    }
    return render(request, "styleguide.html", context)
