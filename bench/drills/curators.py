"""Twenty curators save one question at once: `python -m bench.drills curators`."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from bench.drills.curator import (
    SAVED_MEANWHILE,
    Curator,
    Form,
    damages,
    half_saves,
    history,
    published,
    words,
)
from bench.drills.findings import Finding
from bench.drills.servers import Site

PATIENCE = 20  # times that a curator tries again where the desk is full


def drill(rounds=8, curators=20, broken=""):
    """In each round all open the question, and all save it at one moment, with words of their own."""
    problems, winners, waited = [], [], 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(curators) as pool:
        site = Site(folder, broken=broken, WORKERS="2")
        password = site.prepare()
        with site.running():
            [(question, _address)] = published(site, 1)
            desk = [Curator(site, password, PATIENCE) for _each in range(curators)]
            for number in range(rounds):
                together = Barrier(curators, timeout=60)

                def save(who, number=number, together=together):
                    fields = desk[who].open(question) | words(number, who)
                    together.wait()
                    return desk[who].save(question, fields)

                answers = list(pool.map(save, range(curators)))
                won = [who for who, (status, _page) in enumerate(answers) if status == 302]
                winners.append([(number, who) for who in won])
                if len(won) != 1:
                    problems.append(f"round {number}: {len(won)} saves of {curators} won")
                for who, (status, page) in enumerate(answers):
                    if who not in won and (wrong := wrong_about(status, page, words(number, who))):
                        problems.append(f"round {number}, curator {who}: {wrong}")
            waited = sum(curator.waited for curator in desk)
            saves = history(site, question)
            if saves != [save for won in winners for save in won]:
                problems.append(f"{winners} won, and history has {saves}")
            problems += half_saves(site) + damages(site)
    return [
        Finding(
            "Of curators who save one question at once exactly one wins; the others are shown the conflict, "
            "with every word of theirs kept.",
            f"{rounds} rounds of {curators} curators and two workers: {sum(map(len, winners))} saves won, "
            f"{rounds * curators - sum(map(len, winners))} conflicts shown, no update lost; the full desk "
            f"asked to try again {waited} times",
            problems,
        )
    ]


def wrong_about(status, page, own_words):
    """What is wrong with the page of one who did not win."""
    if status != 200 or SAVED_MEANWHILE not in page:
        return f"no conflict is shown, but {status}"
    fields = Form(page, "question_form").fields
    lost = [name for name, values in own_words.items() if fields[name] != values]
    return f"their words are lost: {', '.join(lost)}" if lost else ""


def controls():
    return {"a save without a look at the version": drill(1, 4, broken="overwrites")}
