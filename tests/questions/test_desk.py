"""A day at the desk: what Writers and Editors do, and what they may not do."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from interviewprep.groups import make_groups
from questions.documents import KINDS
from questions.models import Change, ChangeSet, Link, LinkUse, Placement, Question, Report, Role, Topic
from questions.recording import record
from tests.factories import make_question, make_role, make_step, make_tip, make_topic
from tests.questions.test_admin import address, change_url, form_of

pytestmark = pytest.mark.django_db


def member(group):
    """A client that is logged in as a new member of `group`; its user is `client.user`."""
    name = f"{group}-{get_user_model().objects.count()}"
    user = get_user_model().objects.create_user(name, password="pw", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def writer():
    return member("Writers")


@pytest.fixture
def editor():
    return member("Editors")


def write(client, **values):
    """A new question, through the form."""
    defaults = {
        "text": "What is recall?",
        "difficulty": "easy",
        "answer": "The share found.",
        "status": "draft",
    }
    inline = {"placements-TOTAL_FORMS": 0, "placements-INITIAL_FORMS": 0}
    response = client.post(address(Question, "add"), defaults | inline | values)
    assert response.status_code == 302, response.context["errors"]
    return Question.objects.order_by("-pk").first()


def save(client, question, *, follow=False, **values):
    """Open the form of `question`, change `values` in it, send it, and go on where it asks."""
    page = client.get(change_url(question))
    values = form_of(page) | values
    response = client.post(change_url(question), values, follow=follow)
    if gate := (response.context or {}).get("gate"):
        values |= {gate.button.name: gate.digest}
        response = client.post(change_url(question), values, follow=follow)
    return response


def act(client, changeset, verb, **values):
    """Press a button on the page of `changeset`."""
    return client.post(
        reverse("admin:questions_changeset_act", args=[changeset.pk, verb]), values, follow=True
    )


def confirm(client, page, **values):
    """Press the button of a page that asks, with the number that it asks for."""
    confirmation = page.context["confirmation"]
    hidden = {}
    for name, value in confirmation.hidden:
        hidden.setdefault(name, []).append(value)
    values = hidden | {"confirmed": confirmation.digest, "number": confirmation.disappearing} | values
    return client.post(page.wsgi_request.get_full_path(), values, follow=True)


def undo(client, changeset):
    """Undo `changeset`, and say yes where the page asks."""
    page = act(client, changeset, "undo")
    return confirm(client, page) if "confirmation" in (page.context or {}) else page


def delete(client, row):
    """Delete `row`, and say yes."""
    return confirm(client, client.get(address(type(row), "delete", row.pk)))


def make_link(address, state):
    """A link that a question has, in a `state`."""
    make_question(sources=[{"title": "A page", "url": address}])
    LinkUse.objects.refresh()
    Link.objects.filter(address=address).update(state=state)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def question_changes(question):
    return Change.objects.filter(uid=question.uid, kind="question").order_by("pk")


# From a draft to the public


def test_a_question_goes_from_draft_through_review_to_the_public(writer, editor, client):
    question = write(writer, _review="")
    assert (question.status, question.author) == ("review", writer.user)
    assertContains(editor.get("/admin/"), "What is recall?")
    back = save(editor, question, _send_back="", note="Say it with a number.")
    assertRedirects(back, "/admin/")
    assert fresh(question).status == "draft"
    assertContains(writer.get("/admin/"), "Say it with a number.")
    save(writer, question, answer="8 of 10 found: 0.8.", _review="")
    assertNotContains(writer.get("/admin/"), "Say it with a number.")
    response = save(editor, question, _publish="", follow=True)
    assertContains(response, "Published “What is recall?”")
    assertContains(client.get(question.get_absolute_url()), "0.8")


def test_sending_back_needs_a_note_which_the_form_shows(writer, editor):
    question = write(writer, _review="")
    response = save(editor, question, _send_back="", note=" ")
    assertContains(response, "Say what is missing")
    save(editor, question, _send_back="", note="With a number.")
    assertContains(writer.get(change_url(question)), "With a number.")


def test_publishing_is_a_review(writer, editor):
    question = write(writer, _review="")
    save(editor, question, _publish="")
    assert fresh(question).reviewed_on == timezone.localdate()
    assert str(ChangeSet.objects.first()) == "Published: What is recall?"


def preview_link(client, question):
    """The link to the preview of `question` that its form shows."""
    page = client.get(change_url(question)).content.decode()
    return re.search(r'href="(/preview/[^"]+)"', page)[1]


def test_a_preview_link_shows_a_draft_to_a_stranger_for_a_day(editor, client, time_machine):
    question = make_question(text="Not public yet?", status="draft")
    link = preview_link(editor, question)
    page = client.get(link)
    assertContains(page, "Not public yet?")
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get(link[:-2] + "xx/").status_code == 404
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    assert client.get(link).status_code == 404


def test_the_form_shows_where_a_question_is_used_and_which_are_similar(editor):
    role = make_role(name="Tester")
    question = make_question(roles=[role], text="What is data drift?")
    make_question(text="A neighbour?", answer=f"See [it]({question.get_absolute_url()}).")
    make_question(text="How is the data drift?")
    page = editor.get(change_url(question))
    for name in ("Tester", "How is the data drift?"):
        assertContains(page, name)
    linking = f"{address(Question)}?links_to={question.slug}"
    assertContains(page, linking)
    assertContains(editor.get(linking), "A neighbour?")


# What a Writer may do


@pytest.mark.parametrize("button", ["_publish", "_retire"])
def test_a_writer_who_posts_an_editors_button_is_refused(writer, button):
    mine, public = write(writer), make_question()
    for question in (mine, public):
        assert save(writer, question, **{button: ""}).status_code == 403
    assert (fresh(mine).status, fresh(public).status) == ("draft", "published")


def test_a_writer_may_not_do_what_editors_do(writer, editor):
    role, public, other_draft = make_role(), make_question(), write(editor)
    changeset = ChangeSet.objects.first()
    count_before = ChangeSet.objects.filter(state="applied").count()
    assert writer.post(change_url(role), {"name": "x"}).status_code == 403
    assert writer.post(change_url(other_draft), {"text": "x"}).status_code == 403
    assert writer.post(address(Question, "delete", public.pk), {"post": "yes"}).status_code == 403
    for verb in ("undo", "apply", "send_back"):
        assert act(writer, changeset, verb).status_code == 403
    for action in ("publish", "retire", "set_difficulty", "place_in_role"):
        assert bulk(writer, action, [public])[0].status_code == 403
    bulk(writer, "send_to_review", [other_draft])
    assert fresh(other_draft).status == "draft"
    assert ChangeSet.objects.filter(state="applied").count() == count_before


def test_a_writer_may_not_retire_a_question_by_a_query_either(writer):
    question = make_question()
    with (
        pytest.raises(PermissionDenied, match="An Editor has to do this"),
        record(author=writer.user),
    ):
        Question.objects.filter(pk=question.pk).update(status="retired")
    assert fresh(question).status == "published"


def test_a_writer_may_not_date_a_review(writer):
    question = make_question(reviewed_on="2020-01-01")
    assert writer.post(reverse("admin:still_right", args=[question.pk])).status_code == 403
    assert not ChangeSet.objects.filter(state="proposed").exists()


def test_a_writers_bulk_action_changes_only_their_own_questions(writer, editor):
    mine, others = write(writer), write(editor, text="Another?")
    bulk(writer, "send_to_review", [mine, others])
    assert (fresh(mine).status, fresh(others).status) == ("review", "draft")


def test_a_writer_deletes_a_draft_of_their_own_and_an_editor_brings_it_back(writer, editor):
    question = write(writer)
    delete(writer, question)
    assert not Question.objects.exists()
    undo(editor, ChangeSet.objects.first())
    assert Question.objects.get().text == "What is recall?"


def test_a_restored_draft_is_its_writers_again(writer, editor):
    question = write(writer)
    delete(writer, question)
    undo(editor, ChangeSet.objects.first())
    again = Question.objects.get()
    assert again.author == writer.user
    save(writer, again, answer="Mine again.")
    assert fresh(again).answer == "Mine again."


def test_groups_are_made_once_and_then_left_alone():
    Group.objects.get(name="Writers").permissions.clear()
    make_groups(apps.get_app_config("learningpath"), using="default")
    assert not Group.objects.get(name="Writers").permissions.exists()
    call_command("migrate", verbosity=0)
    assert Group.objects.count() == 2


# The first page


def test_the_desk_lists_stale_questions_and_one_click_dates_their_review(editor):
    old = make_question(text="Old?", reviewed_on=timezone.localdate() - timedelta(days=400))
    make_question(text="Fresh?", reviewed_on=timezone.localdate())
    page = editor.get("/admin/")
    assertContains(page, "Old?")
    assertNotContains(page, "Fresh?")
    editor.post(reverse("admin:still_right", args=[old.pk]))
    assert fresh(old).reviewed_on == timezone.localdate()
    assertContains(editor.get("/admin/"), "Everything has been reviewed within the year.")
    assertContains(
        editor.get(address(Question), {"status__exact": "published", "reviewed_on__lt": "2020-01-01"}), "0 "
    )


def test_the_desk_shows_what_roles_lack(editor):
    role = make_role(name="Tester")
    make_question(roles=[role], difficulty="hard")
    assertContains(editor.get("/admin/"), "1 of 4")


def test_a_writer_finds_their_own_work_on_the_desk(writer):
    write(writer, text="Only a draft?")
    write(writer, text="In review?", _review="")
    save(writer, make_question(text="Public?"), answer="Proposed.")
    page = writer.get("/admin/")
    for text in ("Only a draft?", "In review?", "Public?"):
        assertContains(page, text)


@pytest.mark.parametrize("length", [1, 12])
def test_the_desk_costs_a_fixed_number_of_queries(editor, django_assert_max_num_queries, length):
    """With something in each of its lists."""
    for number in range(length):
        make_question(roles=[make_role()], status="review", reviewed_on=None)
        reported = make_question(reviewed_on=None)
        Report.objects.create(question=reported, kind="wrong", text="It is.")
        make_link(f"https://a.example/{number}", "dead")
        save(member("Writers"), make_question(), answer="Proposed.")
        own = write(editor, text=f"Own {number}?", _review="")
        save(editor, own, _send_back="", note="A number.")
        for verb in ("returned", "proposed", "applied"):
            question = make_question()
            words = KINDS["question"].read([question.uid])[question.uid].document | {"answer": verb}
            proposal = ChangeSet.objects.propose(editor.user, question.uid, words)
            if verb == "returned":
                proposal.send_back(editor.user, "A number.")
            elif verb == "applied":
                proposal.apply(editor.user)
    page = editor.get("/admin/")
    names = ["review", "back", "outcomes", "own", "reports", "links", "stale"]
    assert [pile.name for pile in page.context["piles"]] == names
    with django_assert_max_num_queries(16):
        editor.get("/admin/")


def test_the_log_in_page_names_whom_to_ask(client, settings):
    settings.CURATOR_CONTACT = "desk@example.org"
    assertContains(client.get("/admin/login/"), "desk@example.org")


# History and undo


def test_history_shows_who_changed_which_words_and_brings_a_version_back(editor):
    question = make_question(answer="One two three.")
    save(editor, question, answer="One four three.")
    page = editor.get(address(Question, "history", question.pk))
    assertContains(page, "<del>two </del><ins>four </ins>", html=True)
    assertContains(page, editor.user.username)
    first = question_changes(question).first()
    editor.post(reverse("admin:questions_question_bring_back", args=[first.pk]))
    assert fresh(question).answer == "One two three."


def test_history_shows_choices_by_their_names(editor):
    question = make_question(difficulty="easy")
    save(editor, question, difficulty="hard")
    assertContains(
        editor.get(address(Question, "history", question.pk)), "<del>Easy</del><ins>Hard</ins>", html=True
    )


def test_history_shows_where_a_question_moved_in_a_role(editor):
    role = make_role()
    names = [make_question(roles=[role], text=f"Number {number}?").text for number in range(1, 8)]
    with record():
        for placement in role.placements.all():
            if placement.question.text == names[6]:
                placement.position = 3
                placement.save()
            elif placement.position >= 3:
                placement.position += 1
                placement.save()
    assertContains(editor.get(address(Role, "history", role.pk)), "moved from 7 to 3: Number 7?")


def test_the_history_of_a_question_that_does_not_exist_redirects(editor):
    assert editor.get("/admin/questions/question/abc/history/").status_code == 302


def test_a_version_from_a_review_brings_back_its_words_and_stays_public(writer, editor, client):
    question = write(writer, _review="", answer="First words.")
    save(editor, question, _publish="", answer="Second words.")
    first = question_changes(question).first()
    editor.post(reverse("admin:questions_question_bring_back", args=[first.pk]))
    assertContains(client.get(question.get_absolute_url()), "First words.")


def test_an_undo_of_words_that_changed_since_changes_nothing(editor):
    question = make_question(answer="One.")
    save(editor, question, answer="Two.")
    changeset = ChangeSet.objects.first()
    save(editor, question, answer="Three.")
    assertContains(undo(editor, changeset), "Nothing was changed. Changed in the meantime")
    assert fresh(question).answer == "Three."


def test_a_second_undo_says_that_nothing_was_changed(editor):
    question = make_question(answer="One.")
    save(editor, question, answer="Two.")
    changeset = ChangeSet.objects.first()
    undo(editor, changeset)
    assertContains(undo(editor, changeset), "Nothing was changed.")
    assert fresh(question).answer == "One."


def test_a_deleted_role_is_found_and_brought_back(editor):
    role = make_role(name="Tester", status="draft")
    question = make_question(roles=[role])
    make_step(role=role)
    delete(editor, role)
    assert not Role.objects.exists()
    changeset = ChangeSet.objects.first()
    assertContains(editor.get(address(ChangeSet), {"does": "deletes"}), str(changeset))
    undo(editor, changeset)
    role = Role.objects.get(name="Tester")
    assert [placement.question for placement in role.placements.all()] == [question]
    assert role.steps.count() == 1


def test_a_deleted_draft_comes_back_alone_when_its_role_has_changed_since(editor):
    role = make_role()
    draft = make_question(roles=[role], text="Deleted?", status="draft")
    draft.delete()
    deletion = ChangeSet.objects.first()
    Role.objects.update(intro="Moved on.")
    assertContains(undo(editor, deletion), "Nothing was changed.")
    page = editor.get(change_url(deletion))
    assertContains(page, "Bring back what was deleted")
    change = deletion.changes.get(kind="question")
    editor.post(reverse("admin:questions_question_bring_back", args=[change.pk]))
    assert Question.objects.get().text == "Deleted?"


# Conflicts


def test_a_conflict_takes_over_what_only_the_other_person_changed(editor):
    question = make_question(text="Text?", answer="Answer.")
    opened = form_of(editor.get(change_url(question)))
    editor.post(change_url(question), opened | {"answer": "Their answer."})
    response = editor.post(change_url(question), opened | {"text": "My text?"})
    assertContains(response, "Their answer.")
    base = re.search(r'name="base" value="(\d+)"', response.content.decode())[1]
    editor.post(change_url(question), form_of(response) | {"text": "My text?", "base": base})
    assert (fresh(question).text, fresh(question).answer) == ("My text?", "Their answer.")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [({}, "Mine."), ({"choose-answer": "theirs"}, "Theirs."), ({"choose-all": "theirs"}, "Theirs.")],
)
def test_where_both_changed_a_field_one_chooses(editor, choice, expected):
    question = make_question(answer="Old.", topics=[make_topic(name="Old")])
    opened = form_of(editor.get(change_url(question)))
    other = member("Editors")
    other.post(change_url(question), opened | {"answer": "Theirs.", "topics": []})
    page = editor.post(change_url(question), opened | {"answer": "Mine.", "label": "Mine"})
    assertContains(page, f"{other.user} saved this while you were writing")
    assertContains(page, "<ins>Theirs.</ins>", html=True)
    assertContains(page, "<ins>Mine.</ins>", html=True)
    assertContains(page, "taken out: Old")
    assert fresh(question).answer == "Theirs."
    editor.post(change_url(question), form_of(page) | {"choose-answer": "mine"} | choice)
    saved = fresh(question)
    assert (saved.answer, saved.label, saved.topics.count()) == (expected, "Mine", 0)


def test_where_the_edits_do_not_overlap_the_page_says_so(editor):
    question = make_question(answer="Old.")
    opened = form_of(editor.get(change_url(question)))
    editor.post(change_url(question), opened | {"answer": "Theirs."})
    page = editor.post(change_url(question), opened | {"label": "Mine"})
    assertContains(page, "The two changed different things, so both are kept.")
    assertNotContains(page, "choose-all")


def test_a_conflict_shows_what_moved_in_a_role_and_overwrites_nothing(editor):
    role = make_role()
    make_question(roles=[role], text="First?")
    make_question(roles=[role], text="Second?")
    step = make_step(role=role, title="Old title")
    opened = form_of(editor.get(change_url(role)))
    theirs = {"placements-0-position": 2, "placements-1-position": 1, "steps-0-title": "Their title"}
    editor.post(change_url(role), opened | theirs)
    response = editor.post(change_url(role), opened | {"intro": "Mine."})
    assertContains(response, "saved this while you were writing")
    assertContains(response, "moved from")
    assertContains(response, "<ins>Their </ins>", html=True)
    assert fresh(step).title == "Their title"


def test_saving_a_question_that_was_deleted_meanwhile_says_so(editor):
    draft = make_question(status="draft")
    values = form_of(editor.get(change_url(draft)))
    draft.delete()
    response = editor.post(change_url(draft), values, follow=True)
    assertContains(response, "Perhaps it was deleted?")
    assert not Question.objects.exists()


# Bulk actions


def bulk(client, action, questions, **values):
    """The page that asks for a confirmation of a bulk action, and the one after it."""
    chosen = {"action": action, "_selected_action": [question.pk for question in questions], "index": 0}
    page = client.post(address(Question), chosen | {"asked": "yes"} | values)
    is_asking = "confirmation" in (page.context or {})
    return page, confirm(client, page) if is_asking else page


def test_a_bulk_action_shows_what_it_will_change_and_is_undone_as_one(editor):
    drafts = [make_question(status="draft") for _ in range(3)]
    public = make_question()
    confirmation, result = bulk(editor, "publish", [*drafts, public])
    assertContains(confirmation, "It touches 3 of the 4 that you chose")
    assertContains(result, "Publish: 3 questions.")
    changeset = ChangeSet.objects.first()
    assert changeset.changes.count() == 3
    undo(editor, changeset)
    assert {fresh(question).status for question in drafts} == {"draft"}


def test_each_bulk_action_changes_the_selected_questions(editor):
    topic, role = make_topic(), make_role()
    first, last = make_question(roles=[role]), make_question()
    bulk(editor, "set_difficulty", [first, last], value="hard")
    assert {fresh(question).difficulty for question in (first, last)} == {"hard"}
    bulk(editor, "add_topic", [first, last], value=topic.pk)
    assert topic.questions.count() == 2
    bulk(editor, "remove_topic", [first], value=topic.pk)
    assert list(Topic.objects.get().questions.all()) == [last]
    bulk(editor, "place_in_role", [first, last], value=role.pk)
    assert [placement.question for placement in role.placements.all()] == [first, last]
    bulk(editor, "retire", [first])
    assert fresh(first).status == "retired"
    draft = make_question(status="draft")
    bulk(editor, "send_to_review", [draft])
    assert fresh(draft).status == "review"


def test_a_bulk_change_of_500_is_one_change_set_and_one_undo(editor):
    with record():
        for number in range(500):
            Question.objects.create(text=f"Number {number}?", answer="x", difficulty="easy", status="draft")
    count_before = ChangeSet.objects.count()
    chosen = {
        "action": "set_difficulty",
        "_selected_action": [Question.objects.first().pk],
        "select_across": 1,
    }
    page = editor.post(address(Question), chosen | {"index": 0, "asked": "yes", "value": "hard"})
    confirm(editor, page)
    assert Question.objects.filter(difficulty="hard").count() == 500
    assert ChangeSet.objects.count() == count_before + 1
    undo(editor, ChangeSet.objects.first())
    assert Question.objects.filter(difficulty="easy").count() == 500


# The form of a role


def order(role):
    return [placement.question.text for placement in role.placements.all()]


@pytest.mark.parametrize(
    ("row", "number", "expected"),
    [(6, 3, "ABGCDEF"), (0, 5, "BCDEAFG"), (2, 1, "CABDEFG"), (3, 99, "ABCEFGD")],
)
def test_a_question_moves_to_the_number_that_is_typed(editor, row, number, expected):
    role = make_role()
    for letter in "ABCDEFG":
        make_question(roles=[role], text=letter)
    page = editor.get(change_url(role))
    editor.post(change_url(role), form_of(page) | {f"placements-{row}-position": number})
    assert "".join(order(role)) == expected
    assert [placement.position for placement in role.placements.all()] == list(range(1, 8))


def test_sixty_placements_reordered_are_one_save_and_one_change_set(editor):
    role = make_role()
    with record():
        for number in range(60):
            make_question(roles=[role], text=f"{number:02}")
    count_before = ChangeSet.objects.count()
    page = editor.get(change_url(role))
    reversed_positions = {f"placements-{row}-position": 60 - row for row in range(60)}
    editor.post(change_url(role), form_of(page) | reversed_positions)
    assert order(role) == [f"{number:02}" for number in reversed(range(60))]
    assert ChangeSet.objects.count() == count_before + 1


def test_tips_of_a_role_stay_when_its_order_changes(editor):
    role = make_role()
    tip, other = make_tip(role=role), make_tip(role=role)
    page = editor.get(change_url(role))
    editor.post(change_url(role), form_of(page) | {"tips-1-position": 1})
    assert list(role.tips.all()) == [other, tip]
    assert Placement.objects.count() == 0


def test_a_role_of_hundreds_is_saved(editor):
    role = make_role()
    with record():
        for number in range(260):
            question = Question.objects.create(text=f"N {number}?", answer="x", difficulty="easy")
            Placement.objects.create(role=role, question=question)
    page = editor.get(change_url(role))
    saved = editor.post(change_url(role), form_of(page) | {"intro": "New."})
    assert (saved.status_code, fresh(role).intro) == (302, "New.")


def test_steps_tips_and_placements_are_edited_on_the_roles_page_only(editor):
    step, tip = make_step(role=make_role()), make_tip()
    for row in (step, tip):
        url = address(type(row), "change", row.pk)
        assert editor.get(url).status_code == 200
        assert editor.post(url, {"title": "x", "text": "x"}).status_code == 403
        assert editor.post(address(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
