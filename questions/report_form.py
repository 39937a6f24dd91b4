"""The form of a report: no account, no cookie, and no third party that tells people from robots.

In place of a token in a cookie the form carries a signed stamp of when it was made, and for which question.
"""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .models import Question, Report
from .reports import TEXT_LENGTH
from .text import block

MOST_BYTES = 50_000  # of what is sent: four times what a text of the greatest length takes
QUICKEST = timedelta(seconds=3)  # in which a person has read the form and written a sentence
LONGEST = timedelta(hours=12)  # for which a form may be open

_signer = TimestampSigner(salt="questions.report")


class ReportForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            (Report.Kind.WRONG, _("Something is wrong")),
            (Report.Kind.OUTDATED, _("Something is outdated")),
            (Report.Kind.UNCLEAR, _("Something is unclear")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what it is."),
            "invalid_choice": _("Choose one of the three."),
        },
    )
    text = forms.CharField(
        label=_("What should the editors look at?"),
        max_length=TEXT_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One or two sentences are enough. Please leave out anything personal."),
        error_messages={
            "required": _("Say in a sentence what the editors should look at."),
            "max_length": _("Keep it to %(limit_value)s characters; this has %(show_value)s."),
        },
    )
    # Robots fill in every field; people do not see this one.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, question: Question, data: QueryDict | None = None, *, is_from_here: bool = True):
        self.question, self.is_from_here = question, is_from_here
        self.sent = data.copy() if data is not None else QueryDict(mutable=True)
        if data is not None:
            self.sent["text"] = block(data.get("text", "")).strip()
        super().__init__(
            self.sent if data is not None else None,
            initial={"stamp": stamp_of(question)},
            label_suffix="",
            auto_id="report-%s",
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if problem := self._problem():
            raise ValidationError(problem)
        return cleaned

    def _problem(self):
        """Why it is not taken, though a person may have sent it; the same words are taken at the next try."""
        stamp = self.sent.get("stamp", "")
        if not self.is_from_here or not _is_of(self.question, stamp, LONGEST):
            self.sent["stamp"] = stamp_of(self.question)
            return _(
                "This form was open for too long, or came from another page. Your words are still here: "
                "send them once more."
            )
        if _is_of(self.question, stamp, QUICKEST):
            return _("That was very quick. Wait for three seconds, then send it once more.")
        if self.sent.get("website"):
            self.sent["website"] = ""
            return _(
                "A field was filled in that nobody sees. Your words are still here: send them once more."
            )
        return ""


def stamp_of(question: Question) -> str:
    return _signer.sign(question.uid)


def _is_of(question, stamp, age):
    """Whether `stamp` was made for `question`, at most `age` ago."""
    try:
        return _signer.unsign(stamp, max_age=age) == question.uid
    except BadSignature:
        return False
