"""What a form can do with its document: the bar of buttons, and what is asked before some of them."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..documents import Label
from ..models import Status
from .widgets import is_key

# The status that each button sets.
STATUS_OF_BUTTON = {
    "_review": Status.REVIEW,
    "_publish": Status.PUBLISHED,
    "_send_back": Status.DRAFT,
    "_take_back": Status.DRAFT,
    "_retire": Status.RETIRED,
}
BUTTONS_OF_EDITORS = {"_publish", "_send_back", "_retire"}


class Button(NamedTuple):
    """A button of the bar: its name in what is sent, and its label.

    One with a `url` posts there, and nothing of what is in the form.
    """

    name: str
    label: Label
    url: str = ""


class Bar(NamedTuple):
    """The buttons of a form: one that matters, those beside it, and the rest behind “More”."""

    main: Button
    beside: Sequence[Button]
    more: Sequence[Button]
    may_send_back: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names of all buttons."""
        back = {"_send_back"} if self.may_send_back else set()
        return frozenset({button.name for button in (self.main, *self.beside, *self.more)} | back)


def bar_of_status(status: str | None, *, is_editor: bool, has_review: bool = True) -> Bar:
    """The bar for a document with a status; `status` is None for a new one."""
    save, publish = Button("_save", _("Save")), Button("_publish", _("Publish"))
    review, retire = Button("_review", _("Send to review")), Button("_retire", _("Retire"))
    more = [
        Button("_addanother", _("Save and add another")),
        Button("_continue", _("Save and stay here")),
    ]
    if status == Status.PUBLISHED:
        return Bar(save, [], [*more, retire] if is_editor else more)
    if status == Status.RETIRED:
        return Bar(save, [publish] if is_editor else [], more)
    if has_review and status == Status.REVIEW:
        more.append(Button("_take_back", _("Take it back from review")))
    may_review = [review] if has_review and status != Status.REVIEW else []
    if is_editor:
        return Bar(publish, [save, *may_review], more, may_send_back=has_review and status == Status.REVIEW)
    return Bar(may_review[0], [save], more) if may_review else Bar(save, [], more)


class Missing(NamedTuple):
    """Something to look at before an act: the field it is about, and what is the matter."""

    label: Label
    anchor: str
    text: Label


class Gate(NamedTuple):
    """What is asked before a form does what its button says. The same button with `digest` goes on."""

    heading: Label
    button: Button
    rows: Sequence[Missing]

    @property
    def digest(self) -> str:
        """Differs when something else is the matter, so that one goes on with what was shown only."""
        text = "\n".join([self.button.name, *(f"{row.label}: {row.text}" for row in self.rows)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def chosen_in_rows(data, prefix: str, name: str) -> list[str]:
    """The keys that the rows of an inline name in their field `name`, without those that are taken out."""
    keys = [key for key in data if key.startswith(f"{prefix}-") and key.endswith(f"-{name}")]
    rows = [key.removesuffix(f"-{name}") for key in keys]
    taken_in = [row for row in rows if not data.get(f"{row}-DELETE") and "__prefix__" not in row]
    return [data[f"{row}-{name}"] for row in taken_in if is_key(data[f"{row}-{name}"])]


def gate_of_publishing(missing: Sequence[Missing]) -> Gate | None:
    """Asks whether to publish although something is missing; None where nothing is."""
    button = Button("_publish", _("Publish all the same"))
    return Gate(heading_of(missing), button, missing) if missing else None


def heading_of(missing: Sequence[Missing]) -> str:
    text = ngettext(
        "Not published yet: one thing is missing", "Not published yet: %(n)s things are missing", len(missing)
    )
    return text % {"n": len(missing)}
