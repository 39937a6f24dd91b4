"""What a load of a generated bank costs, on each database: `make bench-load`.

A load reads bank files, plans a change set of all their documents and applies it. Each measurement is
made in a process of its own, on a database that was empty. Those of time and memory are repeated, and
what is kept of them is the median: of processor time, the ratio to reading the same files and rendering
their Markdown alone, right before. PostgreSQL is left out where there is none.
"""

import argparse
import contextlib
import json
import os
import platform
import resource
import select
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.databases import DATABASES, ROOT, available

RESULTS = ROOT / "bench" / "RESULTS-load.md"
ROLE_LENGTH = 30  # questions of the role that is put into another order
EVERY = 0.05  # seconds between two writes of another process
ENVIRONMENT = {
    "DEBUG": "0",
    "DJANGO_SETTINGS_MODULE": "bench.plain_settings",
    "SECRET_KEY": "for the bench only: it signs nothing that anybody keeps",
    "SITE_URL": "http://127.0.0.1",
}


# Tasks: each is run by a process of its own, and prints what it has found as JSON


def migrate():
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    connection.close()


def generate(folder, total):
    """Write bank files of so many documents, one in 50 of them a role."""
    from bench.generated import documents, size
    from questions import bankfiles

    total = int(total)
    roles = total // 50
    questions = next(number for number in range(total, 0, -1) if size(number, roles) <= total)
    items = list(documents(questions, roles))
    bankfiles.write(items, folder)
    return len(items)


def read_and_render(folder):
    """The processor time of what no load can do without."""
    warm_up()
    from questions import bankfiles, markdown

    began = time.process_time()
    for text in markdown_of(bankfiles.read(folder).items):
        markdown.render(text)
    return time.process_time() - began


def markdown_of(items):
    """Every text in `items` that the site renders."""
    from questions.documents import KINDS
    from questions.fields import markdown_fields

    rendered = {name: {field.name for field in markdown_fields(kind.model)} for name, kind in KINDS.items()}
    for kind, _uid, document in items:
        for key, name in KINDS[kind].fields.items():
            if name in rendered[kind] and document.get(key):
                yield document[key]
        yield from (step["body"] for step in document.get("steps", []))


def warm_up():
    """Import what the renderer imports when it is first used."""
    from questions import markdown

    markdown.render("```math\nx\n```\n\n```python\nx\n```")


def load(folder):
    """Processor time, time and added memory of a load."""
    warm_up()
    before = peak()
    began = time.process_time(), time.monotonic()
    load_files(folder)
    used, took = time.process_time() - began[0], time.monotonic() - began[1]
    return {"processor": used, "seconds": took, "MB": peak() - before}


def load_files(folder):
    plan(folder).apply()


def plan(folder):
    from questions import bankfiles
    from questions.changes import ChangeSet

    items = bankfiles.read(folder).items
    return ChangeSet.objects.plan(items, source=ChangeSet.Source.IMPORT, summary="Load of the bench")


def peak():
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def count_queries(folder):
    """The queries of planning, and of applying."""
    with counted() as planning:
        changeset = plan(folder)
    with counted() as applying:
        changeset.apply()
    return len(planning), len(applying)


@contextlib.contextmanager
def counted():
    """A list that gets an entry for each query that is made inside, savepoints among them."""
    from django.db import connection

    queries = []

    def note(execute, sql, parameters, many, context):
        queries.append(sql)
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        yield queries


def write_session():
    """Save a session again and again, as a log-in does, until standard input ends; return the waits.

    A write that the database refuses is tried again at once, and its wait goes on.
    """
    from django.contrib.sessions.backends.base import UpdateError
    from django.contrib.sessions.backends.db import SessionStore

    session, waits, refused = SessionStore(), [], 0
    session.create()
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], EVERY)[0]:
        began, saved = time.monotonic(), False
        while not saved:
            try:
                session["number"] = len(waits)
                session.save()
                saved = True
            except UpdateError:  # with which Django hides the database's own
                refused += 1
        waits.append(time.monotonic() - began)
    return {"longest": max(waits, default=0), "writes": len(waits), "refused": refused}


def reorder(folder):
    """The queries of turning round the order of a role's questions in the admin."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.test.utils import setup_test_environment
    from django.urls import reverse

    warnings.filterwarnings("ignore", message="No directory at")  # nothing is served from there
    setup_test_environment()  # which keeps the context of a page, and so its forms
    load_files(folder)
    role = make_role(folder)
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("bench"))
    address = reverse("admin:questions_role_change", args=[role.pk])
    values = form_values(client.get(address))
    for number in range(ROLE_LENGTH):
        values[f"placements-{number}-position"] = ROLE_LENGTH - number
    before = questions_of(role)
    with counted() as queries:
        page = client.post(address, values)
    if page.status_code != 302 or questions_of(role) != before[::-1]:
        raise SystemExit("The order of the role's questions was not turned round.")
    return len(queries)


def make_role(folder):
    """A role like the first in the files, with a number of questions that is always the same."""
    from questions import bankfiles
    from questions.changes import ChangeSet
    from questions.models import Role

    items = bankfiles.read(folder).items
    first = next(document for kind, _uid, document in items if kind == "role")
    questions = [uid for kind, uid, _document in items if kind == "question"][:ROLE_LENGTH]
    role = first | {"slug": "bench", "name": "Bench", "questions": questions}
    ChangeSet.objects.plan([("role", "bench", role)], source=ChangeSet.Source.IMPORT, summary="").apply()
    return Role.objects.get(uid="bench")


def questions_of(role):
    return list(role.placements.order_by("position", "pk").values_list("question", flat=True))


def form_values(page):
    """What a browser would send back if nothing were touched."""
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form]
    for formset in formsets:
        forms += [formset.management_form, *formset.forms]
    values = {}
    for bound in (bound for form in forms for bound in form):
        value = bound.value()
        values[bound.html_name] = "" if value is None else bound.field.prepare_value(value)
    return {name: value for name, value in values.items() if value is not False}


TASKS = {
    task.__name__: task
    for task in (migrate, generate, read_and_render, load, count_queries, write_session, reorder)
}


def perform(name, arguments):
    """Run a task in this process."""
    import django

    django.setup()
    print(json.dumps(TASKS[name](*arguments)), flush=True)


def start(task, *arguments, database=""):
    """Run a task in a process of its own."""
    command = [sys.executable, "-m", "bench.load", "--task", task, *map(str, arguments)]
    environment = os.environ | ENVIRONMENT | {"DATABASE_URL": database or "sqlite://:memory:"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)


def found(process):
    """What the task of `process` has found, once its standard input has ended."""
    output, _errors = process.communicate()
    if process.returncode:
        raise SystemExit(f"A measurement failed: {' '.join(process.args[2:])}")
    return json.loads(output.splitlines()[-1])


def run(task, *arguments, database=""):
    return found(start(task, *arguments, database=database))


# Measuring


def measure(database, folder, rounds):
    """All that is measured of loading the files in `folder` into `database`."""
    loads, ratios, waits = [], [], []
    for _round in range(rounds):
        alone = run("read_and_render", folder)
        loads.append(run("load", folder, database=database.copy("empty")))
        ratios.append(loads[-1]["processor"] / alone)
        waits.append(waits_beside(database.copy("empty"), folder))
    planning, applying = run("count_queries", folder, database=database.copy("empty"))
    return {
        "queries": planning + applying,
        "ratio": statistics.median(ratios),
        "reorder": run("reorder", folder, database=database.copy("empty")),
        "refused": max(wait["refused"] for wait in waits),
        "wait": statistics.median(wait["longest"] for wait in waits),
        **{name: statistics.median(load[name] for load in loads) for name in ("processor", "seconds", "MB")},
    }


def waits_beside(address, folder=None):
    """The waits of another process's writes during a load; without a folder, during three idle seconds."""
    writer = start("write_session", database=address)
    writer.stdout.readline()
    if folder:
        run("load", folder, database=address)
    else:
        time.sleep(3)
    return found(writer)


ROWS = {
    "queries": ("queries of plan and apply", "{:,.0f}"),
    "ratio": ("processor time, beside reading and rendering alone", "{:.2f}"),
    "processor": ("processor time, s", "{:,.1f}"),
    "seconds": ("time, s", "{:,.1f}"),
    "MB": ("MB more at the peak", "{:,.0f}"),
    "wait": ("longest wait of another's write, ms", "{:,.0f}"),
    "idle": ("… without a load, ms", "{:,.0f}"),
    "refused": ("… refused after 20 s, at the most", "{:,.0f}"),
    "reorder": (f"queries of turning round a role of {ROLE_LENGTH}", "{:,.0f}"),
}


def table(columns):
    """Columns are `{heading: {row: value}}`."""
    names = [f"| a load into | {' | '.join(columns)} |", f"| --- |{' ---: |' * len(columns)}"]
    rows = [
        f"| {label} | {' | '.join(form.format(values[key]) for values in columns.values())} |"
        for key, (label, form) in ROWS.items()
    ]
    return "\n".join([*names, *rows])


def report(columns, rounds):
    cores, busy = os.cpu_count(), os.getloadavg()[0]
    head = (
        f"`make bench-load`, {datetime.now(UTC):%-d %B %Y}: medians of {rounds}, counts of one run. "
        f"{platform.machine()}, {cores} cores, load {busy:.1f} at the end: other work may have run beside "
        f"it, and times drift; Python {platform.python_version()}, Django {version('Django')}."
    )
    foot = (
        "Processor time and memory are those of the process that loads, without the server of PostgreSQL. "
        f"Another process saves a session every {EVERY * 1000:.0f} ms meanwhile, with the site's own "
        "settings; a write that is refused is tried again, and its wait goes on."
    )
    return "\n\n".join(["# What a load costs", head, table(columns), foot])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, nargs="+", default=[500, 5000], help="of each bank")
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help=f"write the results to bench/{RESULTS.name}")
    parser.add_argument("--task", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        return perform(options.task[0], options.task[1:])
    results = report(compare(options), options.rounds)
    print(results)
    if options.keep:
        RESULTS.write_text(f"{results}\n")


def compare(options):
    columns = {}
    with tempfile.TemporaryDirectory() as name:
        folders = {
            run("generate", Path(name) / str(total), total): Path(name) / str(total)
            for total in options.documents
        }
        for each in options.databases:
            if not available(each):
                print(f"{each} is left out: there is no server of it.", file=sys.stderr)
                continue
            with DATABASES[each]() as database:
                database.make("empty", lambda address: run("migrate", database=address))
                idle = waits_beside(database.copy("empty"))["longest"]
                for number, folder in folders.items():
                    values = measure(database, folder, options.rounds) | {"idle": idle}
                    values |= {key: values[key] * 1000 for key in ("wait", "idle")}
                    columns[f"{database.name}: {number:,} documents"] = values
    return columns


if __name__ == "__main__":
    main()
