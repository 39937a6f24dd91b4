"""The bench of practice, in short: learners who are made at once know what their reviews give."""

from contextlib import nullcontext

import pytest

from bench import generated, learner_visits, learners, visits
from practice import checking
from practice.models import Bookmark, Card, Learner, Note, Review


@pytest.fixture
def made(db, monkeypatch):
    monkeypatch.setattr(learners, "without_indexes", nullcontext)
    generated.load(generated.documents(40, 3), generated.size(40, 3))
    learners.make(4, 20)


def test_cards_of_learners_who_are_made_are_what_their_reviews_give(made):
    assert (Learner.objects.count(), Card.objects.count()) == (4, 80)
    assert Review.objects.filter(voids__isnull=False).exists()
    assert (Bookmark.objects.count(), Note.objects.count()) == (80, 60)
    assert list(checking.differences()) == []
    learner = Learner.objects.first()
    Review.objects.filter(learner=learner).exclude(rating=None).update(rating=1)
    assert list(checking.differences())


def test_each_page_of_practice_is_visited_by_its_learner(made, monkeypatch):
    monkeypatch.setattr(learner_visits, "LEARNERS", 2)
    monkeypatch.setattr(visits, "TURN", (1, 0))
    visitor = learner_visits.LearnerVisits()
    for page, found in visitor.addresses().items():
        assert visitor.look_at(page, found)["queries"] > 1, page
        assert visitor.visit(page), page
