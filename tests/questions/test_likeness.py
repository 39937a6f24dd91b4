from pathlib import Path

import pytest
import yaml
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from questions.likeness import ALIKE, Likeness, likeness, renamed

pytestmark = pytest.mark.once

PAIRS = yaml.safe_load((Path(__file__).parent / "likeness.yaml").read_text())
SYNONYMS = [
    (each["name"], *each["also"])
    for each in yaml.safe_load((settings.BASE_DIR / "content" / "bank.yaml").read_text())["synonyms"]
]


def test_questions_in_other_words_are_found_and_those_next_to_them_are_not():
    alike = {
        kind: [pair for pair in pairs if likeness(*pair, SYNONYMS) >= ALIKE] for kind, pairs in PAIRS.items()
    }
    assert len(alike["reworded"]) >= 18, "reworded pairs that are not found"
    assert len(alike["related"]) <= 2, alike["related"]


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("What is the café's data drift?", "How would you describe CAFE's Data Drifts", True),
        ("Explain C++ templates.", "c++ template", True),
        ("Explain C++ templates.", "Explain C templates.", False),
        ("What is cross-site scripting?", "Explain XSS.", True),  # by the bank's synonyms
        ("When would you use a trigger?", "When would you not use a trigger?", False),
        ("How many bits has an IPv4 address?", "How many bits has an IPv6 address?", False),
        ("How does TCP open a connection?", "By which steps does TCP close a connection?", False),
        ("What is recall in a model?", "What is the recall of a model?", True),
        ("Explain the concept of currying.", "What is currying?", True),
        ("What is concept drift?", "What is data drift?", False),
        ("How do you reconcile a bank account?", "Walk me through a bank reconciliation.", True),
        ("What is NAT?", "Explain network address translation.", True),
        ("What is it?", "What is it?", True),
        ("What is it?", "What is recall?", False),
        ("", "", False),
        ("", "What is recall?", False),
        ("Что такое переобучение?", "Что такое переобучение", True),
        ("什么是过拟合?", "什么是过拟合", True),
    ],
)
def test_likeness_of_two_questions(one, other, is_alike):
    assert (likeness(one, other, SYNONYMS) >= ALIKE) is is_alike
    assert likeness(one, other, SYNONYMS) == likeness(other, one, SYNONYMS)


def test_a_document_under_another_key_is_found_though_its_figures_changed():
    answer = " ".join(f"word{number}" for number in range(80))
    assert renamed({"new": f"{answer} in 2 steps, first"}, {"old": f"{answer} in 3 steps, last"}) == {
        "new": "old"
    }


SENTENCES = st.lists(
    st.sampled_from("alpha beta gamma delta what prevent stop open close not 2 3 model".split()), max_size=6
)


@given(st.lists(SENTENCES, max_size=12), st.sampled_from([0.3, 0.5, 0.6, 0.8, 1.0]))
def test_rare_words_find_every_pair_that_a_full_comparison_finds(sentences, threshold):
    texts = {number: " ".join(sentence) for number, sentence in enumerate(sentences)}
    index = Likeness(texts, threshold)
    found = {(one, other) for _likeness, one, other in index.pairs()}
    expected = {
        (one, other)
        for one in texts
        for other in texts
        if one < other and texts[one] and likeness(texts[one], texts[other]) >= threshold
    }
    assert found == expected
