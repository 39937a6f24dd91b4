"""Small numbers in words, as sentences have them."""

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from .models import Mark

WORDS = [
    _("none"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"), _("eight"),
    _("nine"), _("ten"), _("eleven"), _("twelve"), _("thirteen"), _("fourteen"), _("fifteen"),
    _("sixteen"), _("seventeen"), _("eighteen"), _("nineteen"), _("twenty"),
]  # fmt: skip


def spelt(number: int) -> str:
    """“twelve”, and from 21 on “21” and “1,250”."""
    return str(WORDS[number]) if number < len(WORDS) else number_format(number, force_grouping=True)


def cards(number: int) -> str:
    return ngettext("%(n)s card", "%(n)s cards", number) % {"n": spelt(number)}


def minutes(number: int) -> str:
    return ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": spelt(number)}


def knowledge(counts: Mapping[Mark, int]) -> str:
    """How many were known: “seven you knew, three were shaky, two not yet”; empty for none."""
    knew, shaky, not_yet = (counts.get(mark, 0) for mark in (Mark.KNEW_IT, Mark.SHAKY, Mark.NOT_YET))
    parts = [
        (knew, gettext("%(n)s you knew")),
        (shaky, ngettext("%(n)s was shaky", "%(n)s were shaky", shaky)),
        (not_yet, gettext("%(n)s not yet")),
    ]
    return ", ".join(text % {"n": spelt(number)} for number, text in parts if number)
