"""The pages that `bench.pages` asks for, chosen from the bank: always the same ones of the same bank.

Roles, topics and questions are of the same size in banks of any size, so that only the bank differs. But
where roles share few questions, each question is in many of them, and what names those takes longer.
"""

import re
from collections import Counter
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, F
from django.urls import reverse

from interviewprep.sitemaps import PART
from questions.models import Placement, Question, Role, Topic

SHORT, LONG = 30, 200  # questions of a role
IN_TOPIC = 200  # questions
IN_ROLES = 4  # roles of a question
VARIETY = 20  # addresses of a page, at the most
RARE = 5  # documents that have a word, at the most
KNOWN = 2000  # words that are common enough for a reader to know
TYPED = (2, 3, 4, 6)  # letters of a word, when suggestions are asked for


def addresses():
    """`{page: addresses}`, each page with those that are asked for in turn."""
    return {**_of_roles(), **_of_questions(), **_of_topics(), **_of_all(), **_of_search(), **_of_desk()}


def _of_roles():
    short, long = _roles(SHORT), _roles(LONG)[:3]
    return {
        f"role of {SHORT}": _pages(short),
        f"role of {LONG}": _pages(long),
        "filter: difficulty": _pages(short, difficulty="hard"),
        "filter: a word": [page for role in short for page in _pages([role], q=_word_of(role))],
    }


def _word_of(role):
    """A word that the role has."""
    return _telling(role.placements.published().first().question)[0]


def _of_questions():
    role, topic = _roles(LONG)[0], _topics(IN_TOPIC)[0]
    in_role = Question.objects.published().filter(roles=role)
    in_topic = topic.questions.published()
    return {
        "question": _pages(_questions()),
        f"question in a role of {LONG}": _pages(_spread(in_role.order_by("pk")), role=role.slug),
        f"question in a topic of {IN_TOPIC}": _pages(_spread(in_topic.order_by("pk")), topic=topic.slug),
    }


def _of_topics():
    return {
        f"topic of {IN_TOPIC}": _pages(_topics(IN_TOPIC)[:1]),
        "topic, the largest": _pages(_topics(Question.objects.count())[:1]),
    }


def _of_all():
    return {
        "home": [reverse("home")],
        "list of topics": [reverse("topics")],
        "feed": [reverse("feed")],
        "sitemap index": ["/sitemap.xml"],
        "sitemap part": [reverse("sitemap", args=["questions", _part_of_sitemap()])],
    }


def _part_of_sitemap():
    """The number of the part that has most questions: in a database that is not new, not the first."""
    parts = Question.objects.published().order_by().values(part=F("pk") / PART)
    return parts.annotate(n=Count("pk")).order_by("-n", "part").values_list("part", flat=True)[0]


def _of_search():
    """Searches, of words that the bank has."""
    search, suggestions = reverse("search"), reverse("suggestions")
    asked = searches()
    facets = [{"difficulty": "hard"}, *({"topic": topic.slug} for topic in _topics(IN_TOPIC))]
    return {
        **{f"search: {kind}": [search + _query(q=text) for text in texts] for kind, texts in asked.items()},
        "search: facets alone": [search + _query(**facet) for facet in facets],
        "suggestions": [
            suggestions + _query(q=text[:length]) for text in asked["a rare word"] for length in TYPED
        ],
    }


def searches():
    """`{kind: texts}` of what is looked for."""
    counts = vocabulary()
    by_count = sorted(counts, key=lambda word: (-counts[word], word))
    rare = _spread([word for word in by_count if counts[word] <= RARE and word.isalpha()])
    known = _spread([word for word in by_count[:KNOWN] if len(word) >= 8 and word.isalpha()])
    questions = _spread(Question.objects.published().order_by("pk"))
    return {
        "a rare word": rare,
        "the commonest words": by_count[:3],
        "two words": [" ".join(_telling(question)[:2]) for question in questions],
        "a mistyped word": [word for word in map(_mistyped, known) if word not in counts],
        "a prefix": [word[:-3] for word in known],
    }


def vocabulary():
    """`{word: documents}` of the search's index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT word, published FROM questions_searchword WHERE published > 0")
        return dict(cursor.fetchall())


def _of_desk():
    asked = searches()
    texts = [*asked["the commonest words"], *asked["a rare word"], *asked["two words"]]
    listed = reverse("admin:questions_question_changelist")
    return {
        "desk": [reverse("admin:index")],
        "admin: list of questions": [listed],
        "admin: search": [listed + _query(q=text) for text in texts],
        "admin: list of roles": [reverse("admin:questions_role_changelist")],
        "admin: a question": [
            reverse("admin:questions_question_change", args=[question.pk]) for question in _questions()
        ],
    }


def _roles(size):
    """Roles of about so many questions."""
    return _nearest(Role, Placement.objects.published().values_list("role"), size)


def _questions():
    """Questions of about so many roles as `IN_ROLES` says."""
    return _nearest(Question, Placement.objects.published().values_list("question"), IN_ROLES)


def _topics(size):
    """Topics of about so many questions."""
    published = Question.objects.published().values("pk")
    links = Question.topics.through.objects.filter(question__in=published)
    return _nearest(Topic, links.values_list("topic"), size)


def _nearest(model, rows, size):
    """The rows of `model` that come in `rows`, a `values_list` of their keys, most nearly `size` times."""
    sizes = Counter(pk for (pk,) in rows)
    chosen = sorted(sizes, key=lambda pk: (abs(sizes[pk] - size), pk))[: VARIETY // 2]
    found = model.objects.in_bulk(chosen)
    return [found[pk] for pk in chosen]


def _spread(items):
    """Some of `items`, at even distances."""
    items = list(items)
    return items[:: max(1, len(items) // VARIETY)][:VARIETY]


def _telling(question):
    """The words of the title of `question`, the longest first."""
    return sorted(set(_words(question.text)), key=lambda word: (-len(word), word))


def _words(text):
    return re.findall("[a-z]+", text.lower())


def _mistyped(word):
    """`word` without a letter in its middle."""
    middle = len(word) // 2
    return word[:middle] + word[middle + 1 :]


def _pages(rows, **parameters):
    return [row.get_absolute_url() + (_query(**parameters) if parameters else "") for row in rows]


def _query(**parameters):
    return f"?{urlencode(parameters)}"
