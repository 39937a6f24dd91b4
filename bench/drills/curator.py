"""A curator at the desk, over HTTP as a browser would do it, and what history says of what they saved."""

import json
import re
import time
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from itertools import pairwise
from urllib.parse import urlencode

from bench.drills.servers import request

QUESTIONS = "/admin/questions/question/"
SAVED_MEANWHILE = "saved this while you were writing"


class Form(HTMLParser):
    """The fields of the form `form_id` of a page, each with its values, as a browser would send them."""

    def __init__(self, page, form_id):
        super().__init__()
        self.form_id, self.fields = form_id, {}
        self.is_inside, self.select, self.textarea = False, None, None
        self.feed(page)
        if not self.fields:
            raise ValueError(f"There is no form {form_id}: {page[:500]}")

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        name = attributes.get("name")
        if tag == "form":
            self.is_inside = attributes.get("id") == self.form_id
        elif not self.is_inside:
            return
        elif tag == "input" and name:
            self.add_input(name, attributes)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in attributes:
            self.add(self.select, attributes.get("value", ""))
        elif tag == "textarea":
            self.textarea = name
            self.add(name, "")

    def add_input(self, name, attributes):
        kind = attributes.get("type", "text")
        if kind in ("checkbox", "radio") and "checked" not in attributes:
            return
        if kind not in ("submit", "button", "file"):
            self.add(name, attributes.get("value") or "")

    def add(self, name, value):
        self.fields.setdefault(name, []).append(value)

    def handle_data(self, data):
        if self.textarea:
            self.fields[self.textarea][-1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False
        elif tag == "select":
            self.select = None
        elif tag == "textarea" and self.textarea:
            # A browser drops the line break that the template begins with.
            self.fields[self.textarea][-1] = self.fields[self.textarea][-1].removeprefix("\n")
            self.textarea = None


class Curator:
    """One who has logged in. Each request may raise what `bench.drills.servers.CUT_OFF` names."""

    def __init__(self, site, password, patience=0):
        """`patience`: how often they try again, after as long as they are asked to wait."""
        self.site, self.patience, self.waited = site, patience, 0
        self.cookies = SimpleCookie()
        path = "/admin/login/"
        form = Form(self.send("GET", path)[1], "login-form").fields
        status, page = self.send("POST", path, form | {"username": ["curator"], "password": [password]})
        if status != 302:
            raise ValueError(f"Nobody is logged in: {status} {page[:500]}")

    def send(self, method, path, fields=None):
        """Status and text of the answer."""
        body = urlencode(fields, doseq=True) if fields else None
        headers = {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        for _attempt in range(self.patience + 1):
            status, answered, page = request(self.site.port, method, path, body, headers)
            if status != 503 or not self.patience:
                break
            self.waited += 1
            time.sleep(float(answered["Retry-After"]))
        for cookie in answered.get_all("Set-Cookie", []):
            self.cookies.load(cookie)
        self.headers = answered
        return status, page

    def open(self, question):
        """The fields of the form of a question, by its primary key; raises ValueError if there is none."""
        _status, page = self.send("GET", f"{QUESTIONS}{question}/change/")
        return Form(page, "question_form").fields

    def save(self, question, fields):
        """Status and text of the answer."""
        return self.send("POST", f"{QUESTIONS}{question}/change/", fields | {"_continue": ["Save"]})


def words(number, who=0):
    """The words of a save, which name it in two fields, so that half a save shows."""
    return {"text": [f"What is save {number} of {who}?"], "answer": [f"It is save {number} of {who}."]}


def saved_words(text):
    """The numbers `(number, who)` of the save that wrote `text`, or None."""
    found = re.search(r"save (\d+) of (\d+)", text)
    return found and (int(found[1]), int(found[2]))


def history(site, question):
    """The saves, as numbers `(number, who)`, that history has of a question, the oldest first."""
    rows = site.query(
        "SELECT c.after FROM questions_change c JOIN questions_changeset s ON s.id = c.changeset_id "
        "JOIN questions_question q ON q.uid = c.uid WHERE c.kind = 'question' AND s.state = 'applied' "
        f"AND q.id = {question} ORDER BY c.id"
    )
    return [found for [after] in rows if (found := saved_words(as_document(after)["question"]))]


def as_document(value):
    return json.loads(value) if isinstance(value, str) else value


def half_saves(site):
    """A line for each question whose words are of two saves, and for each gap in its history."""
    problems = []
    for pk, *texts in site.query("SELECT id, text, answer, answer_html FROM questions_question"):
        if len(found := {saved_words(text) for text in texts}) > 1:
            problems.append(f"question {pk} is of the saves {found}")
    by_document = {}
    for kind, uid, before, after in site.query(
        "SELECT c.kind, c.uid, c.before, c.after FROM questions_change c "
        "JOIN questions_changeset s ON s.id = c.changeset_id WHERE s.state = 'applied' ORDER BY c.id"
    ):
        by_document.setdefault((kind, uid), []).append((as_document(before), as_document(after)))
    for (kind, uid), changes in by_document.items():
        for (_first, after), (before, _last) in pairwise(changes):
            if after != before:
                problems.append(f"the history of {kind} {uid} has a gap")
    return problems


def published(site, number):
    """The primary keys and addresses of so many published questions."""
    rows = site.query("SELECT id, slug FROM questions_question WHERE status = 'published' ORDER BY id")
    return [(pk, f"/questions/{slug}/") for pk, slug in rows[:number]]


def content_version(site):
    return site.query("SELECT number FROM questions_contentversion")[0][0]


def damages(site):
    """A line for whatever SQLite, or `manage.py checkhistory`, finds wrong."""
    problems = []
    if site.path and (found := site.query("PRAGMA integrity_check")) != [("ok",)]:
        problems.append(f"integrity_check: {found[0][0]}")
    check = site.manage("checkhistory")
    if check.returncode:
        problems.append(f"checkhistory: {(check.stdout + check.stderr).strip()[-300:]}")
    return problems
