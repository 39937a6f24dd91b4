"""The questions that a learner practises or has kept, as a deck for Anki."""

from collections.abc import Iterator

from questions.models import Question, Role
from questions.writers import BankExport
from questions.writers.export import SITE, Entry

from .models import Bookmark, Card, Learner


class Deck(BankExport):
    """The published questions with a card or a bookmark of `learner`, in the order of their addresses."""

    def __init__(self, learner: Learner):
        kept = Card.objects.filter(learner=learner).values("question")
        kept = kept.union(Bookmark.objects.filter(learner=learner).values("question"))
        questions = Question.objects.published().filter(uid__in=kept).order_by("slug")
        # Anki knows a deck by its name and this uid: it is the same for every learner.
        super().__init__(questions, title=f"{SITE}: my questions", uid="practice")

    def entries(self) -> Iterator[Entry]:
        public = set(Role.objects.published().values_list("name", flat=True))
        for entry in super().entries():
            yield entry._replace(roles=[name for name in entry.roles if name in public])
