"""The schemas of the five kinds of document: the keys of each in the order of files and forms."""

from django.utils.translation import gettext_lazy as _

from .documents import Key, Schema, Section, register
from .models import Category, Placement, Question, QuestionTopic, Role, Synonym, Topic

ANSWER, AROUND = _("Answer"), _("Addresses")
FORMER = Key("former", "former_slugs", group=AROUND)


def register_all() -> None:
    """Each schema after those that it refers to."""
    register(Schema(Category, [Key("name"), Key("slug"), Key("position"), FORMER]))
    register(Schema(Topic, [Key("name"), Key("slug"), FORMER]))
    register(Schema(Synonym, [Key("name"), Key("also"), Key("slug", group=AROUND), FORMER]))
    register(Schema(Question, QUESTION))
    register(Schema(Role, ROLE))


QUESTION: list[Key | Section] = [
    Key("question", "text", is_words=True),
    Key("label"),
    Key("slug"),
    Key("difficulty"),
    Key("status", beside=True),
    Key("reviewed_on", beside=True),
    Key("corrected_on", beside=True, is_words=True),
    Section(
        "topics",
        _("topics"),
        QuestionTopic,
        owner="question",
        match="topic",
        ordered=False,
        repeated=_("The question has the topic “%(name)s” twice."),
    ),
    Key("short_answer", group=ANSWER, is_words=True),
    Key("answer", group=ANSWER, is_body=True, is_words=True),
    Key("key_points", group=ANSWER, is_words=True),
    Key("weak_answer", group=ANSWER, is_words=True),
    Key("follow_ups", group=ANSWER, is_words=True),
    Key("sources", group=ANSWER, is_words=True),
    FORMER,
    Key("successor", group=AROUND, refers="question"),
]

ROLE: list[Key | Section] = [
    Key("name"),
    Key("slug"),
    Key("category"),
    Key("position"),
    Key("status"),
    Key("internships_url"),
    Key("intro"),
    Section(
        "questions",
        _("questions"),
        Placement,
        owner="role",
        match="question",
        repeated=_("The question “%(name)s” is in this role twice."),
    ),
    FORMER,
]
