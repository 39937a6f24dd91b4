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
        count = sum(
            model.objects.rendered_before(RENDERER_VERSION).rerender(dry_run=dry_run)
            for model in apps.get_models()
            if issubclass(model, Rendered)
        )
        if count and not dry_run:
            index.rebuild()  # which reads the HTML
        self.stdout.write(self.style.SUCCESS(f"{'Would render' if dry_run else 'Rendered'} {count} texts."))
