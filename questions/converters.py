"""What an address may hold where a slug stands."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class SlugConverter(StringConverter):
    """Any script, but no NUL: PostgreSQL refuses to look for one."""

    regex = r"[^/\x00]+"


def register_all():
    register_converter(SlugConverter, "word")
