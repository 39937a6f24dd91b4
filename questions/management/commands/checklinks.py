import json
from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from questions.links import Link, LinkQuerySet, LinkUse
from questions.looks import Looker, State
from questions.models import Role

FRESH = timedelta(days=1)


class Command(BaseCommand):
    help = (
        "Look at the addresses that the bank leads to, and keep what became of them, for the page Links of "
        "the desk. Every result is saved at once: a run that was ended goes on where it was, as addresses "
        "that were looked at within a day are left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", metavar="SLUG", help="only addresses of this role and its questions")
        parser.add_argument("--dead", action="store_true", help="only those that were not fine")
        parser.add_argument("--all", action="store_true", help="those of the last day, too")
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument("--strict", action="store_true", help="end with 1 if some are dead")

    def handle(self, *, role: str | None, dead: bool, strict: bool, **options: Any) -> None:
        links = self.chosen(role)
        LinkUse.objects.refresh()
        wanted = links.filter(looked_at__isnull=False).exclude(state=State.FINE) if dead else links
        is_old = Q(looked_at=None) | Q(looked_at__lt=timezone.now() - FRESH)
        due = {link.address: link for link in (wanted if options["all"] else wanted.filter(is_old))}
        found = self.look_at(due, is_quiet=options["json"])
        left_out = wanted.count() - len(due)
        if options["json"]:
            self.report_as_json(links, found, left_out)
        else:
            self.report(found, left_out)
        if strict and links.dead().exists():
            raise SystemExit(1)

    def chosen(self, role: str | None) -> LinkQuerySet:
        if not role:
            return Link.objects.used()
        uid = Role.objects.filter(slug=role).values_list("uid", flat=True).first()
        if not uid:
            raise CommandError(f"There is no role “{role}”. Its name here is the last part of its address.")
        return Link.objects.used_in_role(uid)

    def look_at(self, due: dict[str, Link], *, is_quiet: bool) -> Counter[str]:
        """Look at the links `due`, by address, and save what is found. Returns counts by state."""
        found: Counter[str] = Counter()
        for address, look in Looker().look_at(due):
            link = due[address]
            link.save_look(look)
            found[link.state] += 1
            if not is_quiet:
                self.show(link, f"{found.total()} of {len(due)}")
        return found

    def show(self, link: Link, progress: str) -> None:
        is_terminal = self.stdout.isatty()
        start = "\r\033[K" if is_terminal else ""
        if link.state != State.FINE:
            words = [link.get_state_display(), link.address, link.new_address and f"→ {link.new_address}"]
            reason = link.reason and f"({link.reason})"
            self.stdout.write(start + " ".join(filter(None, [*words, reason])))
        if is_terminal:
            self.stdout.write(f"{start}{progress}", ending="")
            self.stdout.flush()

    def report(self, found: Counter[str], left_out: int) -> None:
        start = "\r\033[K" if self.stdout.isatty() else ""
        counts = ", ".join(f"{found[state]} {label}" for state, label in State.choices)
        recently = f" {left_out} were left out, looked at within a day." if left_out else ""
        text = f"Looked at {found.total()} addresses: {counts}.{recently}"
        self.stdout.write(start + self.style.SUCCESS(text))

    def report_as_json(self, links: LinkQuerySet, found: Counter[str], left_out: int) -> None:
        listed = links.listed()
        users = listed.users()
        rows = [
            {
                "address": link.address,
                "state": link.state,
                "status": link.status,
                "reason": link.reason,
                "new_address": link.new_address,
                "failing_since": link.failing_since and link.failing_since.isoformat(),
                "failed_looks": link.failed_looks,
                "documents": [{"kind": kind, "uid": uid} for kind, uid in users.get(link.pk, [])],
            }
            for link in listed
        ]
        report = {"looked": found.total(), "left_out": left_out, "found": dict(found), "links": rows}
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
