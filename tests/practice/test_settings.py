"""A learner's clock."""

import pytest

from practice.identity import COOKIE
from practice.models import Learner
from tests.practice.browsers import browser_of
from tests.reading import text_of

pytestmark = pytest.mark.django_db
PATH = "/practice/settings/"
CHOSEN = {"time_zone": "America/Argentina/Buenos_Aires", "day_start": "0"}


def test_settings_are_kept(client):
    page = client.post(PATH, CHOSEN, follow=True)
    assert "Saved." in text_of(page)
    learner = Learner.objects.get()
    assert (learner.time_zone, learner.day_start) == (CHOSEN["time_zone"], 0)
    assert str(learner.days.zone) == CHOSEN["time_zone"]
    assert 'value="America/Argentina/Buenos_Aires" selected' in page.content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"time_zone": "Europe/Atlantis"}, "There is no time zone “Europe/Atlantis”"),
        ({"time_zone": "../etc/passwd"}, "There is no time zone"),
        ({"day_start": "24"}, "from 0 to 23"),
        ({"day_start": "noon"}, "from 0 to 23"),
        ({"day_start": ""}, "from 0 to 23"),
    ],
)
def test_what_no_clock_has_is_refused(client, wrong, words):
    page = client.post(PATH, CHOSEN | wrong)
    assert (page.status_code, words in text_of(page)) == (400, True)
    assert COOKIE not in client.cookies
    assert not Learner.objects.exists()


def test_a_learner_keeps_everything_else(client):
    learner = Learner.objects.create(recovery="a digest")
    browser_of(learner).post(PATH, CHOSEN)
    learner.refresh_from_db()
    assert (learner.recovery, learner.day_start) == ("a digest", 0)
