"""What a review is made from, wherever it is given."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from questions.models import Question
from questions.text import block

from .models import WORDS_LENGTH, Mark, Rating
from .refusals import Refused

UNKNOWN_ZONE = "Etc/Unknown"  # what a browser that cannot tell says, as CLDR has it


@cache
def time_zones() -> list[str]:
    """The names of all time zones, in their order."""
    return sorted(available_timezones())


class TimeZoneField(forms.CharField):
    def to_python(self, value: Any) -> str:
        zone = super().to_python(value) or ""
        return "" if zone == UNKNOWN_ZONE else zone

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and value not in time_zones():
            raise ValidationError(_("There is no time zone of this name: choose one of the list."))


class Wrong(Refused):
    """What was sent breaks a rule of its form."""

    def __init__(self, form: forms.Form):
        super().__init__()
        self.errors = " ".join(str(error) for errors in form.errors.values() for error in errors)

    def __str__(self):
        return self.errors


_NO_KEY = dict.fromkeys(["required", "invalid"], _("This form has no key."))


class CheckedForm(forms.Form):
    def checked(self) -> dict[str, Any]:
        """The values. Raises Wrong."""
        if not self.is_valid():
            raise Wrong(self)
        return self.cleaned_data


class ReviewForm(CheckedForm):
    """A rating (1 to 4) of a question, with the `key` under which it counts once."""

    question = forms.ModelChoiceField(
        Question.objects.published().only("uid", "slug"),
        to_field_name="slug",
        error_messages={
            "required": _("Nothing says which question this is about."),
            "invalid_choice": _("This question is not in the bank any more. What you knew of it is kept."),
        },
    )
    rating = forms.TypedChoiceField(
        choices=Rating.choices,
        coerce=int,
        error_messages={
            "required": _("Say how well you knew it, from 1 (again) to 4 (easy)."),
            "invalid_choice": _("There is no rating %(value)s: they go from 1 (again) to 4 (easy)."),
        },
    )
    key = forms.UUIDField(error_messages=_NO_KEY)
    said = forms.IntegerField(required=False, min_value=0, max_value=1_000)
    points = forms.IntegerField(required=False, min_value=0, max_value=1_000)
    words = forms.CharField(required=False, max_length=WORDS_LENGTH, strip=False)
    at = forms.DateTimeField(required=False)
    time_zone = TimeZoneField(required=False)

    def clean_words(self) -> str:
        return block(self.cleaned_data["words"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        said, points = cleaned.get("said"), cleaned.get("points")
        if said is None or points is None or said > points:
            cleaned["said"] = cleaned["points"] = None
        return cleaned


class TimeZoneForm(CheckedForm):
    """Where a new learner is."""

    time_zone = TimeZoneField(required=False)


class MarkForm(ReviewForm):
    """The same where one reads: the ratings are marks (1 to 3)."""

    rating = forms.TypedChoiceField(
        choices=Mark.choices,
        coerce=int,
        error_messages={
            "required": _("Say how well you knew it, from 1 (not yet) to 3 (knew it)."),
            "invalid_choice": _("There is no mark %(value)s: they go from 1 (not yet) to 3 (knew it)."),
        },
    )


class UndoForm(CheckedForm):
    """The key of the review that shall not count."""

    key = forms.UUIDField(error_messages=_NO_KEY)
