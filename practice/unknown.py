"""What a learner does not know yet of a role: the questions that have no mark, or another than “knew it”."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

from questions.models import Placement, Role, Topic
from questions.parts import PART

from .models import Learner, Rating


class Unknown:
    """The list in the order of the role, in three statements; its numbers are those of the whole role."""

    def __init__(self, learner: Learner, role: Role, topic: Topic | None, difficulty: str):
        self.learner, self.role, self.topic, self.difficulty = learner, role, topic, difficulty

    @cached_property
    def chosen(self) -> list[Placement]:
        """Those of the topic and the difficulty, known or not."""
        return [each for each in self.role.placements.published().for_outline() if self._is_chosen(each)]

    def _is_chosen(self, placement):
        has_topic = self.topic is None or self.topic.slug in {topic.slug for topic in placement.topics}
        return has_topic and self.difficulty in {"", placement.question.difficulty}

    @cached_property
    def found(self) -> list[Placement]:
        cards = self.learner.cards.filter(question__placements__role=self.role, rating__gte=Rating.GOOD)
        known = set(cards.values_list("question__pk", flat=True))
        return [each for each in self.chosen if each.question_id not in known]

    def part(self, number: int) -> Page:
        """Some of them with all their words; the last ones where there are not so many."""
        page = Paginator(self.found, PART).get_page(number)
        listed: dict[int, Any] = {placement.pk: placement for placement in page}
        shown = list(self.role.placements.published().for_page().filter(pk__in=listed))
        for placement in shown:
            same = listed[placement.pk]
            placement.number, placement.total, placement.topics = same.number, same.total, same.topics
        page.object_list = shown
        return page
