"""Exports at the desk: what is chosen, what a list shows, a role or all, as a file that comes back."""

import re
from functools import partial
from html import unescape

import pytest
from django.contrib.auth.models import Group
from pytest_django.asserts import assertContains, assertNotContains

from questions import readers
from questions.admin import exporting
from questions.importing import source_of
from questions.importing.working import read_through
from questions.models import ContentVersion, Question, Role
from questions.recording import record
from questions.writers import FORMATS
from tests.factories import make_category, make_curator, make_question, make_role, make_step, make_topic

pytestmark = pytest.mark.django_db

QUESTIONS, ROLES = "/admin/questions/question/", "/admin/questions/role/"
WHOLE = "/admin/questions/import/export/"


@pytest.fixture
def writer(client, django_user_model):
    user = django_user_model.objects.create_user("dora", is_staff=True)
    user.groups.add(Group.objects.get(name="Writers"))
    client.force_login(user)
    return user


@pytest.fixture
@record()
def role():
    role = make_role(name="Tester", category=make_category(position=1))
    make_question(roles=[role], topics=[make_topic(name="SQL")], text="=1+1, or not?", difficulty="hard")
    make_question(roles=[role], text="Draft?", status="draft", difficulty="hard")
    make_question(roles=[make_role(name="Other")], text="Elsewhere?")
    make_step(role=role)
    return role


def choose(client, address, rows, **values):
    """Press the button of the action in a list."""
    data = {"action": "export_selected", "index": "0", "_selected_action": [row.pk for row in rows]}
    return client.post(address, data | values, follow=True)


def download(client, page, kind):
    """The file to which the page leads."""
    links = re.findall(r'href="([^"]+/export/[^"/]+/[^"]*)"', page.content.decode())
    [address] = [unescape(link) for link in links if f"/export/{kind}/" in link]
    return client.get(address)


def reading_of(response):
    name = re.search('filename="(.+)"', response.headers["Content-Disposition"])[1]
    return readers.read_bytes(response.getvalue(), name)


def texts(response):
    return {each.text for each in reading_of(response).questions}


def test_a_writer_takes_what_is_chosen_drafts_too(client, writer, role):
    page = choose(client, QUESTIONS, Question.objects.exclude(text="Elsewhere?"))
    assertContains(page, "Export 2 questions")
    assertContains(page, "draft: 1")
    assertContains(page, "One of them is not public, and is in the file like the others.")
    for kind, form in FORMATS.items():
        assertContains(page, form.description)
        assert texts(download(client, page, kind)) == {"=1+1, or not?", "Draft?"}, kind


def test_all_rows_of_a_list_are_taken_by_its_filter_however_many(client, writer, role):
    shown = Question.objects.filter(text="Draft?")
    page = choose(client, f"{QUESTIONS}?difficulty=hard&p=1&o=1", shown, select_across="1")
    assertContains(page, "Export 2 questions")
    assert texts(download(client, page, "markdown")) == {"=1+1, or not?", "Draft?"}
    page = choose(client, f"{QUESTIONS}?q=elsewhere", shown, select_across="1")
    assert texts(download(client, page, "json")) == {"Elsewhere?"}
    page = choose(client, QUESTIONS, shown, select_across="1")
    assert len(texts(download(client, page, "anki"))) == 3
    page = choose(client, f"{ROLES}?status=published", Role.objects.all()[:1], select_across="1")
    assertContains(page, "Export 2 roles")
    assert len(texts(download(client, page, "csv"))) == 3


def test_a_role_leads_to_its_own_export_with_its_path(client, writer, role):
    page = client.get(f"{ROLES}{role.pk}/change/")
    address = f"{ROLES}export/?chosen={role.pk}"
    assertContains(page, f'href="{address}"')
    page = client.get(address)
    assertContains(page, "Export “Tester”")
    file = download(client, page, "bank")
    assert re.search(r'filename="tester-\d{4}-\d\d-\d\d\.zip"', file.headers["Content-Disposition"])
    reading = reading_of(file)
    assert (reading.title, len(reading.steps), len(reading.questions)) == ("Tester", 1, 2)


def test_the_whole_bank_comes_back_the_same_and_nothing_is_written(client, writer, role):
    make_topic(name="Of nothing")
    assertContains(client.get("/admin/questions/import/"), f'href="{WHOLE}"')
    assertContains(client.get("/admin/questions/import/"), 'href="/schema.json"')
    before = ContentVersion.objects.get().number
    page = client.get(WHOLE)
    for kind in ("bank", "json", "csv", "exact-csv", "xlsx"):
        source = source_of(kind, reading_of(download(client, page, kind)))
        assert {item["verdict"] for item in read_through([source], None).items} == {"same"}, kind
    assert ContentVersion.objects.get().number == before


def test_who_may_not_see_the_bank_takes_nothing(client, django_user_model, role):
    addresses = [f"{QUESTIONS}export/", f"{ROLES}export/json/?chosen={role.pk}", WHOLE, f"{WHOLE}bank/"]
    for address in addresses:
        assert client.get(address).url.startswith("/admin/login/?next=")
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    assert {client.get(address).status_code for address in addresses} == {403}


def test_files_are_only_read(client, writer, role):
    assert {client.post(address).status_code for address in (WHOLE, f"{WHOLE}json/")} == {405}
    head = client.head(f"{WHOLE}json/")
    assert (head.status_code, head.headers["Content-Type"]) == (200, "application/json")
    assert head.getvalue() == b""


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{QUESTIONS}export/?chosen=x", 400),
        (f"{QUESTIONS}export/json/?chosen=1,,2", 400),
        (f"{QUESTIONS}export/?nonsense=1", 400),
        (f"{QUESTIONS}export/exe/", 404),
        (f"{QUESTIONS}export/?chosen=987654", 302),
        (f"{ROLES}export/csv/?chosen=987654", 302),
    ],
)
def test_what_there_is_not_is_said(client, writer, role, address, status):
    assert client.get(address).status_code == status


def test_what_a_format_cannot_hold_is_said_beside_the_others(client, writer, role):
    make_question(text="Long?", answer=f"{'long ' * 7000}x")
    page = client.get(f"{WHOLE}xlsx/")
    assert page.status_code == 422
    assertContains(page, "No file was made. “Long?” is longer than the 32,767 characters", status_code=422)
    assertContains(page, f'href="{WHOLE}json/"', status_code=422)


def test_a_full_disk_is_said(client, writer, role, monkeypatch):
    monkeypatch.setattr(exporting, "TemporaryFile", partial(open, "/dev/full", "wb", 0))
    assertContains(client.get(f"{WHOLE}json/"), "no room on the server", status_code=507)


def test_one_export_is_made_at_a_time(client, writer, role):
    with exporting._making:
        assertContains(client.get(f"{WHOLE}json/"), "try again in a moment", status_code=503)
    assert len(texts(client.get(f"{WHOLE}json/"))) == 3


@pytest.mark.parametrize("length", [1, 40])
def test_the_page_takes_a_fixed_number_of_queries(client, length, django_assert_num_queries):
    client.force_login(make_curator())
    role = make_role()
    with record():
        for _number in range(length):
            make_question(roles=[role], status="draft")
    for address, number in [(f"{QUESTIONS}export/?status=draft", 9), (f"{ROLES}export/?chosen={role.pk}", 7)]:
        with django_assert_num_queries(number):
            assertNotContains(client.get(address), "manage.py")


def test_what_an_import_does_not_take_at_once_is_said(client, writer, role, monkeypatch):
    monkeypatch.setattr(exporting, "MAX_QUESTIONS", 2)
    assertContains(client.get(WHOLE), "2 questions at once")
