"""Which cards a session has: what is due, and what a learner chooses."""

import random
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from questions.models import Difficulty, Placement, Question, Role, Topic, TopicListing, roles_in_order

from .models import Card, Learner, Review

SECONDS_PER_CARD = 75
MOST = 30  # cards of a session
AT_A_TIME = 20  # of those that are due
CHOSEN = 12  # where nothing says how many
WRONG_NUMBER = _("A session has 1 to %(most)s cards.") % {"most": MOST}
NOTHING = _("No question is all of that. Choose less, or something else.")
WRONG_MINUTES = _("Choose from 2 to 35 minutes.")


def minutes_for(number: int) -> int:
    """How long so many cards take, roughly."""
    return round(number * SECONDS_PER_CARD / 60) or 1


class ChoiceForm(forms.Form):
    """What to practise. Without anything chosen it is what is due."""

    role = forms.ModelChoiceField(
        Role.objects.published(),
        label=_("Role"),
        to_field_name="slug",
        required=False,
        error_messages={"invalid_choice": _("There is no such role. Choose one of the list.")},
    )
    topic = forms.ModelChoiceField(
        Topic.objects.published(),
        label=_("Topic"),
        to_field_name="slug",
        required=False,
        error_messages={"invalid_choice": _("There is no such topic. Choose one of the list.")},
    )
    difficulty = forms.ChoiceField(
        label=_("Difficulty"),
        choices=Difficulty.choices,
        required=False,
        error_messages={"invalid_choice": _("There is no such difficulty. Choose one of the list.")},
    )
    number = forms.IntegerField(
        label=_("How many"),
        required=False,
        min_value=1,
        max_value=MOST,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], WRONG_NUMBER),
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=2,
        max_value=35,
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], WRONG_MINUTES),
    )
    random = forms.BooleanField(label=_("A random one"), required=False)

    @property
    def chosen(self) -> dict[str, str]:
        """The role, the topic and the difficulty, as addresses have them."""
        if not self.is_valid():
            return {}
        role, topic, difficulty = (self.cleaned_data[name] for name in ("role", "topic", "difficulty"))
        chosen = {"role": role and role.slug, "topic": topic and topic.slug, "difficulty": difficulty}
        return {name: value for name, value in chosen.items() if value}

    @property
    def is_for_due(self) -> bool:
        return not any(self.cleaned_data.values())

    @property
    def length(self) -> int:
        minutes, number = self.cleaned_data["minutes"], self.cleaned_data["number"]
        if minutes:
            return int(minutes * 60 // SECONDS_PER_CARD)
        return number or (AT_A_TIME if self.is_for_due else CHOSEN)

    def draw(self, learner: Learner | None) -> list[int]:
        """The keys of questions, in the order in which they are asked.

        First what is due, what has waited longest before the rest; then what has not been asked yet;
        then what comes back soonest. Where a role or a topic is chosen, the second are in its order.
        """
        if self.cleaned_data["random"]:
            return a_run(self._pool(learner), 1)
        due, soon = self._known(learner)
        if self.is_for_due:
            return [*due, *(pk for pk, is_today in soon if is_today)][: self.length]
        new = self._new(learner, self.length - len(due))
        return [*due, *new, *(pk for pk, _is_today in soon)][: self.length]

    def _known(self, learner):
        """What the learner has cards of: what is due, and with whether it is today's, what is not.

        What was rated today is due when its minutes are over, and not before.
        """
        if learner is None:
            return [], []
        calendar = learner.calendar
        rows = learner.cards.published().filter(self._conditions("question__")).order_by("due", "pk")
        today = calendar.days.begin(calendar.today)
        due, soon = [], []
        for pk, moment, last in rows.values_list("question__pk", "due", "last_review")[: 2 * MOST]:
            is_today = moment < calendar.midnight
            if moment <= calendar.now or (is_today and last < today):
                due.append(pk)
            else:
                soon.append((pk, is_today))
        return due, soon

    def _conditions(self, prefix):
        data = self.cleaned_data
        found = Q()
        if data["role"]:
            found &= Q(**{f"{prefix}placements__role": data["role"]})
        if data["topic"]:
            found &= Q(**{f"{prefix}topics": data["topic"]})
        if data["difficulty"]:
            found &= Q(**{f"{prefix}difficulty": data["difficulty"]})
        return found

    def _new(self, learner, number):
        if number <= 0:
            return []
        pool = self._pool(learner)
        if learner:
            asked = Card.objects.filter(learner=learner, question=OuterRef(f"{pool.prefix}uid"))
            pool = Pool(pool.rows.filter(~Exists(asked)), pool.prefix, pool.has_order)
        return pool.keys[:number] if pool.has_order else a_run(pool, number)

    def _pool(self, learner):
        """The questions of the choice. Who has chosen nothing goes on with the role of the last review."""
        data = self.cleaned_data
        difficulty = {"difficulty": data["difficulty"]} if data["difficulty"] else {}
        role = data["role"] or (latest_role(learner) if learner and not self.chosen else None)
        if role is None and data["topic"] is None:
            return Pool(Question.objects.published().filter(**difficulty).order_by("pk"))
        placements: Any = role and role.placements
        rows = placements.published() if role else TopicListing.objects.in_order()
        if data["topic"]:
            rows = rows.filter(**{"question__topics" if role else "topic": data["topic"]})
        conditions = {f"question__{name}": value for name, value in difficulty.items()}
        return Pool(rows.filter(**conditions), "question__", has_order=True)


class Pool:
    """Rows of questions, which `prefix` leads to."""

    def __init__(self, rows: QuerySet[Any], prefix: str = "", has_order: bool = False):
        self.rows, self.prefix, self.has_order = rows, prefix, has_order

    @property
    def keys(self) -> QuerySet[Any]:
        return self.rows.values_list(f"{self.prefix}pk", flat=True)


def a_run(pool: Pool, number: int) -> list[int]:
    """Up to `number` questions in a row, from a random one on: from an index, however many there are."""
    start = random.randrange(max(pool.keys.count() - number, 0) + 1)  # noqa: S311  (no secret)
    return list(pool.keys[start : start + number])


def latest_role(learner: Learner) -> Role | None:
    """The role of the question that was reviewed last."""
    latest = Review.objects.filter(learner=learner).order_by("-at").values("question")[:1]
    placements: QuerySet[Any] = Placement.objects.published().filter(question__uid=latest)
    placement = placements.order_by(*roles_in_order("role__")).select_related("role").first()
    return placement.role if placement else None
