"""What may be in the place of a slug in an address."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class SlugConverter(StringConverter):
    """Any script, but no NUL: PostgreSQL refuses to look for one."""

    regex = r"[^/\x00]+"


def register_all() -> None:
    register_converter(SlugConverter, "word")
