"""A learner's link opened on another device."""

from urllib.parse import urlsplit
from uuid import uuid4

from practice.codes import for_device
from practice.models import Learner
from questions.models import Question


def test_a_link_fills_in_its_code_and_leaves_it_nowhere(page, at, bank):
    learner = Learner.objects.create()
    learner.review(Question.objects.published().first(), 3, key=uuid4())
    code = for_device(learner)
    sent = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto(at(f"/practice/devices/enter/#{code}"))
    assert page.get_by_label("The code").input_value() == code
    assert (urlsplit(page.url).fragment, code in "".join(sent)) == ("", False)
    page.get_by_role("button", name="Go on").click()
    assert page.get_by_text("this browser has it now").is_visible()


def test_the_time_zone_of_the_browser_is_offered(browser, at):
    context = browser.new_context(timezone_id="Europe/Berlin")
    page = context.new_page()
    page.goto(at("/practice/settings/"))
    page.get_by_role("button", name="Europe/Berlin").click()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("Saved.").is_visible()
    assert Learner.objects.get().time_zone == "Europe/Berlin"
    context.close()
