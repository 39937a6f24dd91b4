"""Which question of the bank each candidate is: what an earlier import of the same source made of it.

An id says so where the words agree; else the same words do, else words that are nearly the same. Names of
files and numbers in them are weak evidence: there are many files called README.md, and rows are numbered
anew when one is inserted. So a file that holds other questions is another source, and an id with other
words is doubtful.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from django.utils.functional import cached_property

from ..documents import in_batches
from ..likeness import ALIKE, likeness, renamed
from ..models import Question, Synonym
from .candidates import PREFIX, Candidate, digest, words_of

SHARE = 4  # of a file's questions, one in so many is found again where it is the same source
MOST_PAIRS = 1_000_000  # of old and new words that are compared to find what was renamed


def recognise(questions: Iterable[Candidate], claimed: set[str]) -> set[str]:
    """Give each candidate the id of the question that it is; returns the ids of which that is doubtful.

    Those `claimed` are taken by others.
    """
    questions = sorted(questions, key=lambda candidate: candidate.source)
    doubtful: set[str] = set()
    for _source, group in groupby(questions, key=lambda candidate: candidate.source):
        doubtful |= _Source(list(group), claimed).recognise()
    return doubtful


class _Source:
    """The candidates of one source, and the questions that it `made` before, `{uid: text}`."""

    def __init__(self, candidates: list[Candidate], claimed: set[str]):
        self.candidates, self.claimed = candidates, claimed
        self.synonyms = Synonym.objects.groups()
        self.made: dict[str, str] = {}
        self.doubtful: set[str] = set()

    def recognise(self) -> set[str]:
        self.choose_source()
        rest = [each for each in self.candidates if not self.is_known_by_words(each)]
        rest = [each for each in rest if not self.is_known_by_id(each)]
        rest = [each for each in rest if not self.is_of_this_bank(each)]
        self.find_renamed(rest)
        return self.doubtful

    def choose_source(self):
        """Another source of the same name has another number."""
        prefix, number = self.candidates[0].source, 1
        while True:
            made = Question.objects.filter(uid__startswith=self.candidates[0].source).order_by("pk")
            self.made = dict(made.values_list("uid", "text"))
            self.by_words = {words_of(text): uid for uid, text in self.made.items()}
            if not self.made or self.is_same_source():
                return
            number += 1
            self.move_to(f"{PREFIX}-{digest(f'{prefix} {number}', 10)}-")

    def is_same_source(self):
        found = sum(
            words_of(each.name) in self.by_words or (each.uid in self.made and self.agrees(each, self.made))
            for each in self.candidates
        )
        return SHARE * found >= min(len(self.candidates), len(self.made))

    def move_to(self, prefix):
        for candidate in self.candidates:
            candidate.uid = prefix + candidate.uid.removeprefix(candidate.source)
            candidate.source = prefix

    def agrees(self, candidate, texts):
        """Whether the words of a candidate do not speak against its id."""
        text = texts[candidate.uid]
        if not candidate.named or words_of(text) == words_of(candidate.name):
            return True  # without a name, the id was made of the words
        return likeness(text, candidate.name, self.synonyms) >= ALIKE

    def claim(self, candidate, uid):
        candidate.uid = uid
        self.claimed.add(uid)
        return True

    def is_known_by_words(self, candidate):
        words = words_of(candidate.name)
        own = self.made.get(candidate.uid)
        uid = candidate.uid if own and words_of(own) == words else self.by_words.get(words)
        return bool(uid and uid not in self.claimed and self.claim(candidate, uid))

    def is_known_by_id(self, candidate):
        if candidate.uid in self.claimed:  # rows were numbered anew
            candidate.uid = candidate.source + digest(f"{words_of(candidate.name)} {candidate.line}", 16)
            return False
        if candidate.uid not in self.made:
            return False
        if not self.agrees(candidate, self.made):
            self.doubtful.add(candidate.uid)
        return self.claim(candidate, candidate.uid)

    def is_of_this_bank(self, candidate):
        """Whether its id is that of a question here: exports of this site name them."""
        if candidate.named not in self.of_bank or candidate.named in self.claimed:
            return False
        self.claim(candidate, candidate.named)
        if not self.agrees(candidate, self.of_bank):
            self.doubtful.add(candidate.uid)
        return True

    @cached_property
    def of_bank(self):
        return texts_of({each.named for each in self.candidates if each.named})

    def find_renamed(self, rest):
        gone = {uid: text for uid, text in self.made.items() if uid not in self.claimed}
        new = {str(place): candidate.name for place, candidate in enumerate(rest)}
        if len(new) * len(gone) <= MOST_PAIRS:
            for place, uid in renamed(new, gone).items():
                self.claim(rest[int(place)], uid)


def texts_of(uids: Iterable[str]) -> dict[str, str]:
    """`{uid: text}` of the questions that exist."""
    texts: dict[str, str] = {}
    wanted: Sequence[str] = sorted(uids)
    for batch in in_batches(wanted):
        rows = Question.objects.filter(uid__in=batch).order_by()
        texts |= dict(rows.values_list("uid", "text"))
    return texts
