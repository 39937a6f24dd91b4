"""The bench of pages, in short: it finds each page of a generated bank, and says which goals were missed."""

import pytest

from bench import addresses, generated, pages, visits


@pytest.mark.django_db
def test_each_page_of_a_generated_bank_is_visited(monkeypatch):
    monkeypatch.setattr(addresses, "VARIETY", 2)
    monkeypatch.setattr(visits, "TURN", (1, 0))
    generated.load(generated.documents(40, 3), generated.size(40, 3))
    visitor = visits.Visits()
    for page, found in addresses.addresses().items():
        facts = visitor.look_at(page, found)
        assert facts["queries"], page
        assert bool(facts["kB"]) is not page.startswith(("desk", "admin")), page
        assert len(visitor.visit(page)) == 1


def page_of(name, *rounds, queries=(6, 6)):
    return pages.Page(name, list(queries), [20, 20], [[[ms] * 3 for ms in banks] for banks in rounds])


def test_a_page_that_grows_with_the_bank_misses_its_goal():
    assert "1.00 | 1.2 times; as many queries" in pages.line(page_of("role of 30", (5, 5)))
    assert "1.40 | 1.2 times (missed)" in pages.line(page_of("role of 30", (5, 7)))
    assert "6, 7" in pages.line(page_of("role of 30", (5, 5), queries=(6, 7)))
    assert "as many queries (missed)" in pages.line(page_of("role of 30", (5, 5), queries=(6, 7)))


def test_a_round_beside_other_work_changes_no_growth():
    page = page_of("home", (10, 11), (10, 90), (50, 55))
    assert page.growth == pytest.approx(1.1)
