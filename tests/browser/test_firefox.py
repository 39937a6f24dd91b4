"""The main checks of reading in Firefox, on the shipped bank."""

import pytest

from .firefox import Firefox
from .test_shipped_bank import GAP, ROLE, WINDOWS

pytestmark = pytest.mark.needs("sqlite")

TARGETS = ["q-ai-ml-deep-learning-difference", "q-hnsw-index-trade-offs", "path", "tips"]


@pytest.fixture
def firefox(tmp_path):
    with Firefox(tmp_path) as browser:
        yield browser


def test_links_put_the_heading_just_below_the_bar(firefox, shipped_bank):
    for window in WINDOWS:
        firefox.resize(*window)
        for path in (ROLE, f"{ROLE}?answers=hidden"):
            for target in TARGETS:
                firefox.open("about:blank")
                firefox.open(f"{shipped_bank}{path}#{target}")
                firefox.wait_for(f"0 <= ({GAP})() && ({GAP})() <= 90")


def test_filter_recall_and_reload(firefox, shipped_bank):
    firefox.resize(1440, 900)
    firefox.open(f"{shipped_bank}{ROLE}?q=token")
    firefox.wait_for("CSS.highlights.get('found')?.size > 10")
    firefox.evaluate("document.querySelector('#d-hard').click()")
    firefox.wait_for("location.search === '?difficulty=hard&q=token'")
    firefox.evaluate("document.querySelector('#clear').click()")
    firefox.wait_for("location.search === '' && document.querySelectorAll('.question').length > 25")
    firefox.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }))")
    firefox.wait_for("!document.querySelector('.answer[open]')")
    firefox.evaluate("scrollTo(0, 3000)")
    firefox.reload()
    firefox.wait_for("Math.abs(scrollY - 3000) <= 1")


def test_nothing_is_wider_than_a_phone_and_what_scrolls_is_named(firefox, shipped_bank):
    firefox.resize(390, 844)
    firefox.open(f"{shipped_bank}{ROLE}")
    firefox.wait_for("document.querySelectorAll('.overflows').length > 5")
    assert firefox.evaluate("document.documentElement.scrollWidth <= innerWidth")
    unnamed = ".overflows:not([tabindex][aria-label]), .prose [tabindex]:not(.overflows)"
    assert firefox.evaluate(f"document.querySelectorAll('{unnamed}').length") == 0


def test_a_mark_is_kept_and_a_session_goes_on(firefox, shipped_bank):
    firefox.resize(390, 844)
    firefox.open(f"{shipped_bank}{ROLE}?answers=hidden")
    for target in (".answer > summary", ".answer .rest > summary", ".question .ratings [value='3']"):
        press(firefox, target)
    firefox.wait_for("document.querySelector('.question')?.textContent.includes('Comes back in')")
    firefox.reload()
    firefox.wait_for("document.querySelector('.question .number')?.textContent.includes('Knew it')")
    firefox.open(f"{shipped_bank}/practice/start/?role=ai-engineer&number=2")
    for number in (1, 2):
        firefox.wait_for(f"document.body?.textContent.includes('{number} of 2')")
        press(firefox, ".answer > summary")
        press(firefox, "[name=rating][value='3']")
    firefox.wait_for("document.querySelector('h1')?.textContent.includes('Two cards')")


def press(firefox, target):
    firefox.wait_for(f'document.querySelector("{target}") !== null')
    firefox.evaluate(f'document.querySelector("{target}").click()')
