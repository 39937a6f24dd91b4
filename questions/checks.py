"""System checks of what an operator can set wrong."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError


def register_all() -> None:
    register(check_internships, Tags.database)


def check_internships(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn when published roles have no internships address, and the site no default."""
    from .models import Role

    if settings.INTERNSHIPS_URL or not databases:
        return []
    try:
        without = Role.objects.published().filter(internships_url="").count()
    except DatabaseError:  # not migrated yet
        return []
    if not without:
        return []
    return [
        Warning(
            f"{without} published roles end without the internships call: they have no address for it.",
            hint="Remove the empty INTERNSHIPS_URL, or give those roles an address in the admin.",
            id="questions.W001",
        )
    ]
