from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser

from questions.markdown import RENDERER_VERSION
from questions.recorded import Rendered
from questions.search import index


class Command(BaseCommand):
    help = "Make the HTML of Markdown again where an older renderer made it. No words change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        models = [model for model in apps.get_models() if issubclass(model, Rendered)]
        stale = [model.objects.rendered_before(RENDERER_VERSION) for model in models]
        count = sum(rows.count() for rows in stale)
        if count and not dry_run:
            index.forget()  # it is made of the HTML, and to be made again even if this is interrupted
            for rows in stale:
                rows.rerender()
            index.rebuild()
        self.stdout.write(self.style.SUCCESS(f"{'Would render' if dry_run else 'Rendered'} {count} texts."))
