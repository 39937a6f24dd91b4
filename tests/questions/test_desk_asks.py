"""Before much is done, the desk shows what it will touch; what is applied is what was shown."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from questions.models import ChangeSet, Question, Role, Topic
from questions.recording import record
from tests.factories import make_category, make_curator, make_question, make_role, make_topic
from tests.questions.test_admin import address, change_url, form_of
from tests.questions.test_desk import act, bulk, confirm, delete, fresh, member, save, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return member("Editors")


@pytest.fixture
def writer():
    return member("Writers")


@pytest.fixture
def operator(client):
    client.force_login(make_curator())
    return client


def published(number, **fields):
    """A change set that published so many questions."""
    with record(**fields):
        for n in range(number):
            Question.objects.create(text=f"Number {n:02}?", answer="x", difficulty="easy", status="published")
    return ChangeSet.objects.first()


def count_of_public():
    return Question.objects.published().count()


# Undo


def test_an_undo_that_empties_pages_lists_them_and_wants_their_number(editor):
    changeset = published(12)
    page = act(editor, changeset, "undo")
    assertContains(page, "12 that readers see now disappear from the public.")
    assertContains(page, "Number 11?")
    assert count_of_public() == 12
    assertContains(confirm(editor, page, number="11"), "type the number of what disappears")
    assert count_of_public() == 12
    confirm(editor, page)
    assert count_of_public() == 0


def test_an_undo_that_hides_one_question_asks_without_a_number(editor):
    changeset = published(1)
    page = act(editor, changeset, "undo")
    assertNotContains(page, 'name="number"')
    assert count_of_public() == 1
    confirm(editor, page)
    assert count_of_public() == 0


def test_an_undo_of_a_few_words_is_one_click_and_can_be_undone_again(editor):
    question = make_question(answer="Old.")
    saved = save(editor, question, answer="New.", follow=True)
    changeset = ChangeSet.objects.first()
    button = (
        f'<button form="act" formaction="/admin/questions/changeset/act/{changeset.pk}/undo/">Undo</button>'
    )
    assertContains(saved, button, html=True)
    act(editor, changeset, "undo")
    assert fresh(question).answer == "Old."
    act(editor, ChangeSet.objects.first(), "undo")
    assert fresh(question).answer == "New."


def test_an_undo_is_not_applied_to_documents_that_have_moved_on(editor):
    changeset = published(12)
    page = act(editor, changeset, "undo")
    save(editor, Question.objects.first(), answer="Later words.")
    assertContains(confirm(editor, page), "Nothing was changed. Changed in the meantime")
    assert count_of_public() == 12


def test_only_an_operator_undoes_a_load(editor, operator):
    changeset = published(2, source="load")
    assertNotContains(editor.get(change_url(changeset)), "Undo all of it")
    assert act(editor, changeset, "undo").status_code == 403
    undo(operator, changeset)
    assert count_of_public() == 0


# Bulk actions


def test_a_bulk_action_applies_the_value_that_was_shown(editor):
    easy, hard = make_question(difficulty="easy"), make_question(difficulty="hard")
    chosen = {"action": "set_difficulty", "_selected_action": [easy.pk, hard.pk], "index": 0, "asked": "yes"}
    page = editor.post(address(Question), chosen | {"value": "hard"})
    assertContains(page, "Set difficulty to Hard: 1 question")
    assertNotContains(page, '<select name="value"')
    assertContains(confirm(editor, page, value="easy"), "Nothing was applied")
    assert (fresh(easy).difficulty, fresh(hard).difficulty) == ("easy", "hard")
    done = confirm(editor, page)
    assertContains(done, "Set difficulty to Hard: 1 question")
    assert fresh(easy).difficulty == "hard"
    assert str(ChangeSet.objects.first()) == "Set difficulty to Hard: 1 question"


def test_a_bulk_action_is_not_applied_where_one_of_its_questions_has_changed(editor):
    first, second = make_question(status="draft"), make_question(status="draft")
    chosen = {"action": "publish", "_selected_action": [first.pk, second.pk], "index": 0}
    page = editor.post(address(Question), chosen)
    save(editor, second, text="Another question?")
    again = confirm(editor, page)
    assertContains(again, "something that it touches has changed meanwhile")
    assertContains(again, "Another question?")
    assert count_of_public() == 0
    confirm(editor, again)
    assert count_of_public() == 2


def test_a_bulk_action_says_what_it_leaves_alone_and_why(editor):
    page, _result = bulk(editor, "publish", [make_question(), make_question(status="draft", answer="")])
    assertContains(page, "Published already")
    assertContains(page, "Without an answer or a difficulty")


def test_retiring_many_wants_their_number(editor):
    published(11)
    everything = {"action": "retire", "select_across": 1, "index": 0}
    page = editor.post(address(Question), everything | {"_selected_action": [Question.objects.first().pk]})
    confirm(editor, page, number="1")
    assert count_of_public() == 11
    confirm(editor, page)
    assert count_of_public() == 0


# Deletion


def test_a_deletion_lists_what_changes_with_it_and_can_be_undone(editor):
    topic = make_topic(name="Recall")
    question = make_question(text="What is recall?", topics=[topic])
    page = editor.get(address(Topic, "delete", topic.pk))
    for text in ("What is recall?", "It can be undone.", "What changes with it"):
        assertContains(page, text)
    editor.post(address(Topic, "delete", topic.pk), {"post": "yes"})
    assert Topic.objects.exists()
    assertContains(confirm(editor, page), "Deleted “Recall”.")
    undo(editor, ChangeSet.objects.first())
    assert [str(topic) for topic in fresh(question).topics.all()] == ["Recall"]


def test_what_was_published_is_retired_and_not_deleted(editor):
    shown, draft = make_question(), make_question(status="draft")
    refused = editor.get(address(Question, "delete", shown.pk), follow=True)
    assertContains(refused, "was published: retire it instead")
    page, _result = bulk(editor, "delete_selected", [shown, draft])
    assertContains(page, "Published once")
    assert list(Question.objects.all()) == [shown]
    assert ChangeSet.objects.first().changes.get().after is None


def test_a_category_that_holds_roles_is_not_deleted(editor):
    category = make_category()
    make_role(category=category)
    page = editor.get(address(type(category), "delete", category.pk))
    assertContains(page, "It holds roles")
    assert Role.objects.count() == 1


def test_after_a_deletion_one_is_back_in_the_list(editor):
    draft = make_question(status="draft")
    page = delete(editor, draft)
    assert page.redirect_chain[-1][0] == address(Question)


# What is said


@pytest.mark.parametrize(
    ("status", "values", "sentence"),
    [
        ("draft", {"_publish": ""}, "Published “What is recall?” for Tester."),
        ("draft", {"_review": ""}, "Sent “What is recall?” to review."),
        ("draft", {"answer": "Else."}, "Saved “What is recall?”. Readers do not see it yet."),
        ("published", {"answer": "Else."}, "Saved “What is recall?”. Readers see it at once."),
        ("published", {"slug": "new"}, "Its address ends in “new” now; “old” leads there."),
        ("published", {}, "“What is recall?” was saved already: nothing has changed."),
        ("review", {"_send_back": "", "note": "A number."}, "Sent back “What is recall?” with your note."),
    ],
)
def test_every_act_answers_in_one_sentence(editor, status, values, sentence):
    question = make_question(
        text="What is recall?", slug="old", roles=[make_role(name="Tester")], status=status
    )
    page = save(editor, question, follow=True, **values)
    assertContains(page, sentence)
    assertNotContains(page, "successfully")
    assertContains(
        page, "See it in public", count=int(fresh(question).status == "published" and values != {})
    )


def test_after_a_review_the_next_one_is_a_click_away_and_one_is_back_at_the_desk(editor):
    first = make_question(text="First?", status="review")
    make_question(text="Second?", status="review")
    url = change_url(first)
    opened = editor.get(url, headers={"referer": "http://testserver/admin/"})
    assertContains(opened, '<input type="hidden" name="back" value="/admin/">', html=True)
    page = save(editor, first, follow=True, _publish="", back="/admin/")
    assertContains(page, "Next waiting: Second?")
    assert page.redirect_chain[-1][0] == "/admin/"


def test_a_save_leads_back_to_the_filtered_list_but_never_to_another_site(editor):
    question = make_question()
    back = f"{address(Question)}?difficulty=medium"
    assert save(editor, question, answer="1", back=back).url == back
    for elsewhere in ("https://example.org/admin/", "//example.org/admin/", "/about/", "/admin/login/"):
        assert save(editor, question, answer=elsewhere, back=elsewhere).url == address(Question)


def test_a_writer_is_offered_no_undo_that_they_do_not_have(editor):
    page = save(member("Writers"), make_question(), follow=True, answer="Better.")
    assertContains(page, "Proposed “")
    assertContains(page, "Take it back")
    assertNotContains(page, "/undo/")


# Before something is public, and before it is gone


def gate_of(page):
    return page.context["gate"]


def press(client, row, **values):
    """Press a button of the form of `row` once, and stop where it asks."""
    page = client.get(change_url(row))
    return client.post(change_url(row), form_of(page) | values)


def test_publishing_asks_where_something_is_missing_and_lets_an_editor_go_on(editor):
    make_question(text="What is data drift and how do you detect it?")
    question = make_question(text="What is data drift, and how do you detect it?", status="review")
    page = press(editor, question, _publish="")
    for text in ("No role", "No topic", "No short answer", "No key points", "No source", "Very like"):
        assertContains(page, text)
    assert fresh(question).status == "review"
    again = press(editor, question, _publish=gate_of(page).digest, answer="Changed since.")
    assert (again.status_code, fresh(question).status) == (302, "published")


def test_what_is_missing_now_was_not_confirmed_before(editor):
    topic = make_topic()
    question = make_question(status="draft", topics=[topic])
    digest = gate_of(press(editor, question, _publish="")).digest
    page = press(editor, question, _publish=digest, topics=[])
    assertContains(page, "No topic")
    assert fresh(question).status == "draft"


def test_a_whole_question_is_published_at_once(editor):
    values = {"short_answer": "Short.", "key_points": ["One"], "sources": [{"title": "A book"}]}
    question = make_question(status="review", roles=[make_role()], topics=[make_topic()], **values)
    assert press(editor, question, _publish="").status_code == 302
    assert fresh(question).status == "published"


def test_a_waiting_question_is_published_from_the_desk_in_one_click(editor):
    values = {"short_answer": "Short.", "key_points": ["One"], "sources": [{"title": "A book"}]}
    question = make_question(status="review", roles=[make_role()], topics=[make_topic()], **values)
    url = f"/admin/questions/question/{question.pk}/act/publish/"
    assertContains(editor.get("/admin/"), f'action="{url}"')
    assertContains(editor.post(url, follow=True), "Published")
    assert fresh(question).status == "published"
    assertContains(editor.post(url, follow=True), "does not wait for review any more")


def test_from_the_desk_publishing_asks_too(editor):
    question = make_question(status="review")
    page = editor.post(f"/admin/questions/question/{question.pk}/act/publish/")
    assertContains(page, "No role")
    assert fresh(question).status == "review"
    confirm(editor, page)
    assert fresh(question).status == "published"


def test_a_question_is_sent_back_from_the_desk_with_a_note(editor):
    question = make_question(status="review")
    url = f"/admin/questions/question/{question.pk}/act/send-back/"
    assertContains(editor.post(url, {"note": " "}, follow=True), "Say what is missing")
    editor.post(url, {"note": "A number, please."})
    assert (fresh(question).status, Question.objects.sent_back().get().note) == ("draft", "A number, please.")
    assert member("Writers").post(url, {"note": "x"}).status_code == 403


def test_retiring_says_what_disappears_and_asks(editor):
    question = make_question(text="What is recall?", roles=[make_role(name="Tester")])
    make_question(text="Neighbour?", answer=f"See [it]({question.get_absolute_url()}).")
    page = press(editor, question, _retire="")
    for text in ("Retire this question?", "Tester", "1 answer links to it: “Neighbour?”"):
        assertContains(page, text)
    assert fresh(question).status == "published"
    press(editor, question, _retire=gate_of(page).digest)
    assert fresh(question).status == "retired"


def test_a_role_without_questions_is_not_published_without_a_word(editor):
    role = make_role(status="draft")
    page = press(editor, role, _publish="")
    assertContains(page, "its page has nothing to read")
    press(editor, role, _publish=gate_of(page).digest)
    assert fresh(role).status == "published"


def test_retiring_a_role_says_which_questions_lose_their_page(editor):
    role = make_role()
    make_question(roles=[role])
    page = press(editor, role, _retire="")
    assertContains(page, "1 of its questions is in no other role")
    press(editor, role, _retire=gate_of(page).digest)
    assert fresh(role).status == "retired"


# Duplicates, pickers and lists


def test_similar_questions_are_found_while_one_types(writer, editor):
    question = make_question(text="What is data drift?", difficulty="hard")
    page = writer.get("/admin/questions/question/similar/", {"text": "what is a data drift"})
    assertContains(page, change_url(question))
    assertContains(page, "very like")
    reworded = writer.get("/admin/questions/question/similar/", {"text": "Explain drifting data"})
    assertContains(reworded, "very like")
    with_itself = {"text": "What is data drift?", "pk": question.pk}
    assertNotContains(writer.get("/admin/questions/question/similar/", with_itself), change_url(question))


def test_a_duplicate_is_a_draft_of_its_own(writer):
    question = make_question(
        text="What is recall?", answer="The share.", topics=[make_topic()], roles=[make_role()]
    )
    page = writer.post(f"/admin/questions/question/{question.pk}/duplicate/", follow=True)
    assertContains(page, "Duplicated “What is recall?” as a draft.")
    copy = Question.objects.get(text="What is recall? (copy)")
    assert (copy.status, copy.answer, copy.author) == ("draft", "The share.", writer.user)
    assert (copy.topics.count(), copy.placements.count()) == (1, 0)


def suggested(client, field, term):
    query = {"app_label": "questions", "model_name": "placement", "field_name": field, "term": term}
    answer = client.get("/admin/autocomplete/", query).json()
    return [result["text"] for result in answer["results"]]


def test_a_picker_ranks_names_that_begin_with_the_words(editor):
    for name, intro in (("MLOps", "Data engineers."), ("Big Data Engineer", "x"), ("Data Engineer", "x")):
        make_role(name=name, intro=intro)
    assert suggested(editor, "role", "data eng") == [
        "Data Engineer · published",
        "Big Data Engineer · published",
    ]


def test_a_picker_ignores_long_texts_and_tells_questions_apart(editor):
    make_question(text="What is recall?", answer="It is about precision.")
    make_question(text="What is precision?", difficulty="hard", status="draft")
    assert suggested(editor, "question", "PRECISION") == ["What is precision? · Hard, draft"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "draft"}, ["Draft?"]),
        ({"difficulty": "hard"}, ["Hard?"]),
        ({"role": "tester"}, ["Hard?"]),
        ({"topic": "Recall"}, ["Hard?"]),
        ({"reviewed": "never"}, ["Draft?"]),
        ({"lacks": "role", "status": "published"}, ["Easy?"]),
        ({"lacks": "sources", "difficulty": "hard"}, ["Hard?"]),
        ({"q": "unusual"}, ["Easy?"]),
        ({"status": "no such"}, []),
    ],
)
def test_the_list_of_questions_filters_in_one_form(editor, query, expected):
    make_question(
        text="Hard?", difficulty="hard", roles=[make_role(name="Tester")], topics=[make_topic(name="Recall")]
    )
    make_question(text="Easy?", difficulty="easy", answer="An unusual word.")
    make_question(text="Draft?", status="draft", reviewed_on=None)
    page = editor.get(address(Question), query)
    assert [question.text for question in page.context["cl"].result_list] == expected


def test_a_search_ranks_titles_first_and_shows_an_excerpt(editor):
    make_question(text="A question?", answer="It speaks of **drift** at length.")
    make_question(text="What is drift?")
    page = editor.get(address(Question), {"q": "drift"})
    assert [question.text for question in page.context["cl"].result_list] == ["What is drift?", "A question?"]
    assertContains(page, "<mark>drift</mark>", html=True)


def test_a_source_that_is_wrong_is_named(editor):
    lines = "A book | https://a.example/\nA page | ftp://b.example/"
    assertContains(press(editor, make_question(), sources=lines), "“A page”: An address begins with https://")


# What attacks and a day's work have found


def test_a_load_is_undone_although_what_is_only_retired_keeps_its_topics(operator):
    with record(source="load"):
        category, topic = make_category(), make_topic()
        make_question(roles=[make_role(category=category)], topics=[topic])
        make_question(status="draft", topics=[topic])
    changeset = ChangeSet.objects.first()
    undo(operator, changeset)
    assert not Question.objects.published().exists()
    assert Question.objects.get().status == "retired"
    assert not Role.objects.published().exists()
    undo(operator, ChangeSet.objects.first())
    assert (Question.objects.published().count(), Question.objects.count()) == (1, 2)


def test_to_redo_a_load_is_an_operators_act_too(editor, operator):
    undo(operator, published(2, source="load"))
    assert act(editor, ChangeSet.objects.first(), "undo").status_code == 403


@pytest.mark.parametrize("button", ["_review", "_send_back", "_take_back"])
def test_a_button_that_is_not_for_what_is_public_hides_nothing(editor, button):
    question = make_question()
    page = press(editor, question, **{button: "", "note": "x"})
    assertContains(page, "is not for what is “published” by now")
    assert fresh(question).status == "published"


def test_a_writer_takes_a_question_back_from_review(writer):
    with record(author=writer.user, source="admin"):
        question = Question.objects.create(
            text="Mine?", answer="x", difficulty="easy", status="review", author=writer.user
        )
    page = save(writer, question, follow=True, _take_back="")
    assertContains(page, "back from review: it is a draft again.")
    assert fresh(question).status == "draft"


def test_a_note_that_is_too_long_is_kept_until_it_fits(editor, writer):
    note = "word " * 500
    question = make_question(status="review")
    page = editor.post(f"/admin/questions/question/{question.pk}/act/send-back/", {"note": note})
    assertContains(page, note.strip())
    save(writer, make_question(), answer="Better.")
    page = act(editor, ChangeSet.objects.waiting().get(), "send_back", note=note)
    assertContains(page, "Keep the note to 2000 characters")
    assertContains(page, note.strip())
    assert fresh(question).status == "review"


def test_deleting_many_public_topics_wants_their_number(editor):
    topics = [make_topic() for _ in range(11)]
    make_question(topics=topics)
    chosen = {"action": "delete_selected", "_selected_action": [topic.pk for topic in topics], "index": 0}
    page = editor.post(address(Topic), chosen)
    confirm(editor, page, number="1")
    assert Topic.objects.count() == 11
    confirm(editor, page)
    assert not Topic.objects.exists()


def test_a_writer_who_posts_an_editors_bulk_action_is_refused(writer):
    chosen = {"action": "retire", "_selected_action": [make_question().pk], "index": 0}
    assert writer.post(address(Question), chosen).status_code == 403
    assert writer.post(address(Question), chosen | {"action": "no such"}).status_code == 403


def test_publishing_many_says_what_each_lacks(editor):
    page, _result = bulk(editor, "publish", [make_question(text="Bare?", status="draft")])
    assertContains(page, "What lacks something")
    assertContains(page, "Bare? (without: role, topic, short answer, key points, sources)")


def test_the_same_form_sent_again_makes_no_second_question(writer):
    page = writer.get(address(Question, "add"))
    values = {"text": "New?", "difficulty": "easy", "once": page.context["once"]}
    values |= {"placements-TOTAL_FORMS": 0, "placements-INITIAL_FORMS": 0}
    for _ in range(2):
        response = writer.post(address(Question, "add"), values, follow=True)
    assert Question.objects.count() == 1
    assertContains(response, "It was saved already, by the same form")


def test_after_a_review_from_a_change_set_one_is_at_the_desk(editor):
    question = make_question(status="review")
    page = save(editor, question, follow=True, _publish="", back="/admin/questions/changeset/1/change/")
    assert page.redirect_chain[-1][0] == "/admin/"
