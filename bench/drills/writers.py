"""Eight processes write beside a load of a bank: `python -m bench.drills writers`."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.drills.curator import damages, half_saves, history, published, words
from bench.drills.findings import Finding, percentile
from bench.drills.servers import ROOT, Site

RATE = 100  # writes a second of all writers together
DOCUMENTS = 2_000


def drill(writers=8, documents=DOCUMENTS, seconds=10, broken=""):
    """The writers go on for `seconds`, and as long as the load takes."""
    with tempfile.TemporaryDirectory() as folder:
        bank = Path(folder) / "bank"
        site = Site(folder, broken=broken)
        site.prepare()
        roles = documents // 50
        site.python("-m", "bench.generated", documents - roles, roles, "--folder", bank).check_returncode()
        questions = [pk for pk, _address in published(site, writers)]
        processes = [start_writer(site, pk, writers / RATE) for pk in questions]
        for process in processes:
            process.stdout.readline()  # it is ready
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()
        began = time.monotonic()
        load = site.manage("loadbank", bank)
        load_took = time.monotonic() - began
        time.sleep(max(0, seconds - load_took))
        found = [json.loads(process.communicate()[0]) for process in processes]
        took = time.monotonic() - began
        waits = [wait for each in found for wait in each["waits"]]
        problems = [f"refused: {error}" for each in found for error in each["refused"]]
        if load.returncode:
            problems.append(f"the load failed: {load.stderr.strip()[-300:]}")
        for pk, each in zip(questions, found, strict=True):
            saves = [number for number, _who in history(site, pk)]
            if saves != each["written"]:
                lost = set(each["written"]) - set(saves)
                problems.append(f"question {pk}: {len(lost)} writes lost, {len(saves)} in history")
        problems += half_saves(site) + damages(site)
    return [
        Finding(
            "Writers beside a load of a bank wait for one another; no write is lost or refused.",
            f"{len(waits):,} writes by {writers} processes, {len(waits) / took:.0f} a second, beside a load "
            f"of {documents:,} documents in {load_took:.1f} s: none lost, no “database is locked”; a write "
            f"takes {percentile(waits, 0.5):.0f} ms (median), 99th percentile {percentile(waits, 0.99):.0f} "
            f"ms, the longest {max(waits):.0f} ms",
            problems,
        )
    ]


def controls():
    return {"writers that do not wait for one another": drill(8, 50, 1, broken="impatient")}


def start_writer(site, question, every):
    command = [sys.executable, "-m", __spec__.name, str(question), str(every)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=site.environment, **pipes)


# The process of one writer


def write(question, every):
    """Save `question` each `every` seconds until the standard input ends; print what came of it."""
    import select

    import django
    from django.db import OperationalError

    django.setup()
    from questions.models import Question
    from questions.recording import record

    waits, written, refused, number = [], [], [], 0
    print("ready", flush=True)
    sys.stdin.readline()
    due = time.perf_counter()
    while not select.select([sys.stdin], [], [], max(0, due - time.perf_counter()))[0]:
        number += 1
        began = time.perf_counter()
        try:
            with record():
                row = Question.objects.get(pk=question)
                row.text, row.answer = (text for [text] in words(number).values())
                row.save()
            written.append(number)
            waits.append((time.perf_counter() - began) * 1000)
        except OperationalError as error:
            refused.append(str(error))
        due += every
    print(json.dumps({"waits": waits, "written": written, "refused": refused}))


if __name__ == "__main__":
    write(int(sys.argv[1]), float(sys.argv[2]))
