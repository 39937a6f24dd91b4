"""What may be kept."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from questions.text import block, fit

from .models import WORDS_LENGTH


class WordsField(forms.CharField):
    """A text of several lines, counted as it is stored."""

    def __init__(self, **values: Any):
        super().__init__(required=False, strip=False, **values)

    def to_python(self, value: Any) -> str:
        return block(super().to_python(value) or "")


class BookmarkForm(forms.Form):
    bookmarked = forms.TypedChoiceField(
        choices=[("1", _("Bookmark")), ("0", _("Take the bookmark away"))],
        coerce=lambda value: value == "1",
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], _("Nothing says whether to bookmark it: go back and choose.")
        ),
    )


class NoteForm(forms.Form):
    """A note, with the one that was there `before`, so that another device's words are not lost."""

    text = WordsField(
        label=_("Your note"),
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={
            "max_length": ngettext_lazy(
                "A note has %(limit_value)d character at most, and this one has %(show_value)d. Shorten it.",
                "A note has %(limit_value)d characters at most, and this one has %(show_value)d. Shorten it.",
                "limit_value",
            )
        },
    )
    before = WordsField(widget=forms.HiddenInput)


class StepsForm(forms.Form):
    """The steps that are `done`, and those that were so `before`: only what differs is changed."""

    done = forms.MultipleChoiceField(
        required=False,
        error_messages={
            "invalid_choice": _("The path has no step “%(value)s” any more. Load the page again.")
        },
    )

    def __init__(self, data: QueryDict, steps: Iterable[str]):
        """`steps`: the keys of those that can be ticked."""
        super().__init__(data)
        self.before = {fit(key) for key in data.getlist("before")}
        field: Any = self.fields["done"]
        field.choices = [(key, key) for key in steps]

    @property
    def newly_done(self) -> set[str]:
        return set(self.cleaned_data["done"]) - self.before

    @property
    def undone(self) -> set[str]:
        return self.before - set(self.cleaned_data["done"])
