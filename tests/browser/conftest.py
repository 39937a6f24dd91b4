"""A bank whose pages show every component and every extreme, and a way to open them."""

import sqlite3
from contextlib import closing
from threading import Lock

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection

from questions.models import Role
from questions.recording import record
from tests.factories import make_category, make_question, make_role, make_step, make_tip, make_topic

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_NAME = "Engineer of everything that a title of one hundred and forty characters can name, and the rest"
EXTREMES = f"""A word: {LONG_WORD}.

| Kind | Learns from | Typical task | Example | Price | Sixth | Seventh | Eighth |
| --- | --- | :-: | --- | --: | --- | --- | --- |
| Supervised | examples with answers attached | classification | spam | 12.00 | six | seven | eight |

```python
# A comment in a line that is far longer than its column, so that it has to scroll on
def recall(found, all): return len(found) / len(all)
```

```math
\\mathrm{{PSI}} = \\sum_{{i=1}}^{{n}} (a_i - e_i) \\ln \\frac{{a_i}}{{e_i}}
```
"""

# Every page and state: name, and address.
PAGES = {
    "home": "/",
    "role": "/interview-questions/ai-engineer/",
    "role filtered": "/interview-questions/ai-engineer/?difficulty=hard",
    "role recalled": "/interview-questions/ai-engineer/?answers=hidden",
    "role with no match": "/interview-questions/ai-engineer/?q=nowhere",
    "role with an error": "/interview-questions/ai-engineer/?difficulty=impossible",
    "role with nothing": "/interview-questions/empty/",
    "role with one": "/interview-questions/long/",
    "question": "/questions/what-is-recall/",
    "question in a role": "/questions/what-is-drift/?role=ai-engineer",
    "question of extremes": "/questions/extremes/",
    "topics": "/topics/",
    "topic": "/topics/evaluation/",
    "search": "/search/",
    "search results": "/search/?q=recall",
    "search narrowed": "/search/?q=design&difficulty=hard&topic=retrieval",
    "search with nothing": "/search/?q=xyzzyx",
    "search with an error": "/search/?q=%3F&role=nobody",
    "about": "/about/",
    "practice": "/practice/",
    "practice session": "/practice/start/?role=ai-engineer",
    "report": "/report/what-is-recall/",
    "progress": "/practice/progress/",
    "shelf": "/practice/shelf/",
    "bookmark and note": "/practice/shelf/what-is-recall/",
    "steps": "/practice/path/ai-engineer/",
    "practice data": "/practice/data/",
    "practice code": "/practice/devices/enter/",
    "practice settings": "/practice/settings/",
    "not found": "/nowhere/",
    "gone": "/questions/retired/",
    "styleguide": "/styleguide/",
}


@pytest.fixture(autouse=True)
def one_request_at_a_time(monkeypatch):
    """On SQLite, all threads of the test server share one connection, and with it its transactions."""
    if connection.vendor != "sqlite":
        return
    lock, answer = Lock(), WSGIHandler.__call__

    def answer_alone(*args):
        with lock:
            return answer(*args)

    monkeypatch.setattr(WSGIHandler, "__call__", answer_alone)


@pytest.fixture(scope="session")
def copies():
    """SQLite databases of their own, each empty until the first test that wants what is in it has made it."""
    with (
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as bank,
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as shipped,
    ):
        yield {"bank": bank, "shipped": shipped}


def fill(copy, make):
    """Let `make()` fill the database of the test, or a copy of what it made for an earlier one."""
    connection.ensure_connection()
    if connection.vendor != "sqlite":
        make()
    elif copy.execute("SELECT 1 FROM sqlite_schema").fetchone():
        copy.backup(connection.connection)
    else:  # to make it takes up to seconds, a copy does not
        make()
        connection.connection.backup(copy)


@pytest.fixture
def bank(transactional_db, settings, copies):
    settings.INTERNSHIPS_URL = "https://internships.example/"
    settings.ROOT_URLCONF = "tests.browser.urls"
    fill(copies["bank"], make_bank)
    return Role.objects.get(slug="ai-engineer")


def make_bank():
    make_public_rows()
    retired = make_question(text="Retired?")
    retired.status = "retired"
    retired.save()


@record()
def make_public_rows():
    field = make_category(name="AI & Machine Learning")
    topics = [make_topic(name="Evaluation"), make_topic(name="Retrieval")]
    role = make_role(name="AI Engineer", category=field)
    long = make_role(name=LONG_NAME, slug="long", category=field)
    make_role(name="Empty", category=make_category(name="Empty field"))
    full = {
        "key_points": ["Says what it is", "Names the cost of each error"],
        "short_answer": "The share of what is there that was found, and what one would *say first*.",
        "weak_answer": "“It is how good the model is.” That is no measure.",
        "follow_ups": [
            "And when the classes are rare?",
            {"question": "And when `k` is small?", "hint": "Think of what a short list can hold at most."},
        ],
        "sources": [{"title": "A book"}, {"title": "A page", "url": "https://a.example/page"}],
        "topics": topics,
    }
    for text, difficulty, answer in (
        ("What is recall?", "easy", "The share **found**.\n\n```python\nfound / all\n```"),
        ("What is drift?", "hard", "Live data stop looking like the training data. " * 20),
        ("Design a search.", "medium", "Index, then retrieve. " * 40),
        ("Design a judge.", "hard", "Label fifty answers first. " * 40),
    ):
        make_question(roles=[role], text=text, difficulty=difficulty, answer=answer, **full)
    make_question(
        roles=[long], text=f"Extremes {LONG_WORD}", slug="extremes", answer=EXTREMES, label="Extremes"
    )
    for title in ("Foundations", "Production"):
        resources = [{"title": "A course", "url": "https://a.example/course"}, {"title": "A book"}]
        make_step(role=role, title=title, resources=resources)
    make_tip(role=role, text="Tie every concept to something you built.")


@pytest.fixture
def shipped_bank(transactional_db, live_server, copies):
    """The address of a site with the shipped bank."""
    fill(copies["shipped"], lambda: call_command("loadbank", settings.BASE_DIR / "content", verbosity=0))
    return live_server.url


@pytest.fixture
def at(bank, live_server):
    """The full address of a path."""
    return lambda path: f"{live_server.url}{path}"


@pytest.fixture
def reader(page, at):
    """A page at the AI Engineer role, on a wide screen; its console stays silent."""
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(at(PAGES["role"]))
    yield page
    assert [text for text in messages if "400 (Bad Request)" not in text] == []
