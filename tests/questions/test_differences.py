import pytest
from hypothesis import given
from hypothesis import strategies as st

from questions.differences import list_changes, word_diff

pytestmark = pytest.mark.once

WORDS = st.lists(st.sampled_from(["one", "two", "three", "\n\n", "(four)"]), max_size=60).map(" ".join)


def test_words_that_changed_are_told_and_long_runs_are_folded():
    same = " ".join(f"word{number}" for number in range(60))
    pieces = word_diff(f"PSI {same} 0.25", f"KL {same} 0.2")
    assert [piece.kind for piece in pieces] == ["del", "ins", "same", "fold", "same", "del", "ins"]
    assert pieces[3].fold_label == "48 words unchanged"


@given(WORDS, WORDS)
def test_pieces_hold_both_texts_whole(before, after):
    pieces = word_diff(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "ins") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "del") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n" * 25_000, "a\n" * 24_000 + "b\n"),
        ("a " * 25_000, "a b " * 12_500),
        ("\n" * 50_000, "a\n" * 25_000),
    ],
)
def test_texts_of_one_word_are_compared_too(before, after):
    pieces = word_diff(before, after)  # by the words, this took more than ten minutes
    assert "".join(piece.text for piece in pieces if piece.kind != "ins") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "del") == after


def test_a_move_is_reported_as_one_move():
    before = list("abcdefg")
    assert list_changes(before, list("abgcdef")) == ["moved from 7 to 3: g"]
    assert list_changes(before, list("bcdefga")) == ["moved from 1 to 7: a"]
    assert list_changes(before, list("abxcdef")) == ["added at 3: x", "taken out: g"]


@given(st.permutations(range(8)))
def test_what_is_not_called_moved_kept_its_order(after):
    moved = {line.rpartition(": ")[2] for line in list_changes(list("01234567"), [str(n) for n in after])}
    assert [n for n in after if str(n) not in moved] == sorted(n for n in after if str(n) not in moved)
