"""What a reader may request of a search, and what is said about the rest."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .filters import FilterForm
from .models import Difficulty, Role, Topic
from .search import Query
from .text import line

MAX_WORDS = 300  # characters


class SearchForm(FilterForm):
    """Checks what is requested: an invalid value is reported at its field, and the rest applies."""

    q = forms.CharField(
        required=False,
        max_length=MAX_WORDS,
        label=_("Words"),
        error_messages={"max_length": _("Search for at most %(limit_value)d characters.")},
    )
    difficulty = forms.MultipleChoiceField(
        required=False,
        choices=Difficulty.choices,
        label=_("Difficulty"),
        error_messages={
            "invalid_choice": _("“%(value)s” is not one of the choices. Choose Easy, Medium or Hard.")
        },
    )
    role = forms.MultipleChoiceField(
        required=False,
        label=_("Role"),
        error_messages={"invalid_choice": _("There is no role “%(value)s”. Choose one from the list.")},
    )
    topic = forms.MultipleChoiceField(
        required=False,
        label=_("Topic"),
        error_messages={"invalid_choice": _("There is no topic “%(value)s”. Choose one from the list.")},
    )

    def __init__(self, data: QueryDict, *, is_unfinished: bool = False):
        super().__init__(readable(data))
        self.is_unfinished = is_unfinished  # its last word
        self.query = Query.of("")
        self.roles = pks_by_slug(Role, self.data.getlist("role"))
        self.topics = pks_by_slug(Topic, self.data.getlist("topic"))
        fields: dict[str, Any] = self.fields
        # Of a bank's hundreds of roles and topics, only those that are requested.
        fields["role"].choices = [(slug, slug) for slug in self.roles]
        fields["topic"].choices = [(slug, slug) for slug in self.topics]

    def clean_q(self) -> str:
        text = self.cleaned_data["q"]
        query = Query.of(text, is_unfinished=self.is_unfinished)
        if text and not query:
            raise ValidationError(_("Type at least one letter or digit."), code="no_word")
        self.query = query
        return text


def readable(data: QueryDict) -> QueryDict:
    """`data` without what no page may hold and no database looks for."""
    clean = QueryDict(mutable=True)
    for name, values in data.lists():
        clean.setlist(name, [line(value) for value in values])
    return clean


def pks_by_slug(model: type[Role] | type[Topic], slugs: list[str]) -> dict[str, int]:
    """`{slug: pk}` of the published ones; one query if there are `slugs`."""
    if not slugs:
        return {}
    return dict(model.objects.published().filter(slug__in=slugs).order_by().values_list("slug", "pk"))
