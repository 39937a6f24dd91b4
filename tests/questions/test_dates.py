"""Dates that readers and search engines see, and drafts that are not finished."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.asserts import assertContains

from interviewprep.sitemaps import PART
from questions.models import ChangeSet, Question, Role
from questions.recording import record
from questions.refusals import Invalid
from questions.writing import unrecorded
from tests.factories import (
    make_category,
    make_curator,
    make_question,
    make_role,
    make_step,
    make_tip,
    make_topic,
)
from tests.questions.test_admin import address, form_of
from tests.questions.test_desk import confirm, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client):
    client.force_login(make_curator())
    return client


def set_and_save(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize(
    "change",
    [
        lambda role: set_and_save(role, intro="Another."),
        lambda role: set_and_save(role.steps.get(), body="Another."),
        lambda role: set_and_save(role.tips.get(), text="Another."),
        lambda role: set_and_save(role.category, name="Another"),
        lambda role: set_and_save(role.questions.get(), answer="Another."),
        lambda role: set_and_save(role.questions.get(), difficulty="hard"),
        lambda role: set_and_save(role.questions.get(), status="retired"),
        lambda role: set_and_save(role.questions.get().topics.get(), name="Another"),
        lambda role: role.placements.get().delete(),
        lambda role: make_question(roles=[role]),
    ],
    ids=[
        "intro",
        "step",
        "tip",
        "category",
        "answer",
        "difficulty",
        "retired",
        "topic",
        "taken out",
        "placed",
    ],
)
def test_a_role_is_dated_by_anything_on_its_page(client, change):
    with record():
        category = make_category()
        role, other = (make_role(category=category) for _ in range(2))
        make_question(roles=[role], topics=[make_topic()])
        make_step(role=role)
        make_tip(role=role)
    unrecorded(Role).update(updated=timezone.now() - timedelta(days=9))
    change(role)
    role.refresh_from_db()
    assert timezone.now() - role.updated < timedelta(hours=1)
    other.refresh_from_db()
    if Role.objects.get(pk=other.pk).category.name != "Another":
        assert timezone.now() - other.updated > timedelta(days=8)
    assert (
        f"{role.updated.isoformat(timespec='seconds')}"
        in client.get(f"/sitemap-roles-{role.pk // PART}.xml").content.decode()
    )


def test_a_draft_in_a_role_dates_nothing():
    role = make_role()
    draft = make_question(roles=[role], status="draft")
    unrecorded(Role).update(updated=timezone.now() - timedelta(days=9))
    set_and_save(draft, answer="Another.")
    role.refresh_from_db()
    assert timezone.now() - role.updated > timedelta(days=8)


@pytest.mark.parametrize(("days", "is_right"), [(-1, True), (0, True), (1, True), (2, False), (2000, False)])
def test_a_review_is_not_in_the_future(desk, days, is_right):
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    question = make_question()
    page = desk.get(address(Question, "change", question.pk))
    response = desk.post(address(Question, "change", question.pk), form_of(page) | {"reviewed_on": day})
    assert (response.status_code == 302) == is_right
    if not is_right:
        assertContains(response, "This day is in the future.")
        with pytest.raises(Invalid):
            ChangeSet.objects.plan([("question", "new", document(reviewed_on=day))], source="import")


def document(**values):
    return {"question": "New?", "slug": "new", "difficulty": "easy", "answer": "Yes."} | values


def test_publishing_by_button_is_a_review(desk):
    question = make_question(status="draft", reviewed_on=None)
    save(desk, question, _publish="")
    question.refresh_from_db()
    assert (question.status, question.reviewed_on) == ("published", timezone.localdate())


def test_a_draft_is_saved_unfinished_and_published_only_whole(desk):
    values = {"text": "What is recall?", "status": "draft", "placements-TOTAL_FORMS": 0}
    values |= {"placements-INITIAL_FORMS": 0}
    desk.post(address(Question, "add"), values)
    question = Question.objects.get()
    assert (question.answer, question.difficulty) == ("", "")
    page = desk.get(address(Question, "change", question.pk))
    response = desk.post(address(Question, "change", question.pk), form_of(page) | {"_publish": ""})
    assertContains(response, "It is missing, and what is published needs it.", count=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.update(status="published")
    assert Question.objects.get().status == "draft"


def test_an_unfinished_draft_is_not_published_in_bulk(desk):
    make_question(status="draft", answer="")
    whole = make_question(status="draft")
    chosen = {"action": "publish", "_selected_action": [q.pk for q in Question.objects.all()], "index": 0}
    response = desk.post(address(Question), chosen | {"asked": "yes"})
    assertContains(response, "It touches 1 of the 2 that you chose")
    confirm(desk, response)
    assert list(Question.objects.published()) == [whole]


def test_files_and_imports_take_unfinished_drafts(tmp_path):
    (tmp_path / "questions").mkdir()
    (tmp_path / "roles").mkdir()
    (tmp_path / "bank.yaml").write_text("categories:\n- slug: field\n  name: Field\ntopics: []\n")
    path = tmp_path / "questions" / "what.md"
    path.write_text("---\nquestion: What?\nstatus: draft\n---\n")
    (tmp_path / "roles" / "tester.md").write_text("---\nname: Tester\ncategory: field\n---\n")
    call_command("loadbank", tmp_path)
    assert (Question.objects.get().answer, Role.objects.get().intro) == ("", "")
    path.write_text("---\nquestion: What?\nstatus: published\n---\n")
    with pytest.raises(CommandError, match=r"what\.md:\d+: (answer|difficulty): It is missing"):
        call_command("loadbank", tmp_path)


def test_full_clean_says_what_is_missing():
    with pytest.raises(ValidationError) as refusal:
        Question(text="What?", status="published").full_clean()
    assert {"answer", "difficulty"} <= set(refusal.value.message_dict)


@pytest.mark.parametrize(
    ("path", "query", "text"),
    [
        ("category", {"q": "field"}, "4"),
        ("topic", {"q": "topic"}, "3"),
        ("changeset", {"q": "a"}, "5"),
        ("changeset", {"q": "e", "state": "applied"}, "5"),
    ],
)
def test_counts_in_lists_are_true_under_filters_and_searches(desk, path, query, text):
    category, topic = make_category(name="Field"), make_topic(name="Topic")
    roles = [make_role(category=category, name=f"Tester {n}") for n in range(4)]
    items = [("topic", f"t-{n}", {"slug": f"t-{n}", "name": f"Name {n}"}) for n in range(5)]
    ChangeSet.objects.plan(items, source="import", summary="A load").apply()
    for _ in range(3):
        make_question(roles=roles, topics=[topic])
    page = desk.get(f"/admin/questions/{path}/", query)
    field = {"category": "role_count", "topic": "number_of_questions", "changeset": "change_count"}[path]
    counts = {str(getattr(row, field)) for row in page.context["cl"].result_list}
    assert text in counts
    assert max(map(int, counts)) == int(text)
