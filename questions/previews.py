"""Signed links to what is not public yet, or not any more: anybody who has one may read it, for a day."""

from typing import NamedTuple

from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404
from django.urls import reverse

MAX_AGE = 24 * 60 * 60  # seconds

_signer = TimestampSigner(salt="preview")


class Previewed(NamedTuple):
    """What a preview shows: a `question` by uid; the words of an open `change`, or the `version` that a
    change left, by its primary key.
    """

    what: str
    name: str


def preview_address(what: str, name: str | int) -> str:
    """The address of a preview of `what` (see `Previewed`) with this `name`."""
    return reverse("preview", args=[_signer.sign(f"{what}:{name}")])


def previewed(token: str) -> Previewed:
    """What a token was made for. Raises Http404 if it is too old or not from this site."""
    try:
        what, _, name = _signer.unsign(token, max_age=MAX_AGE).partition(":")
    except BadSignature as error:
        raise Http404 from error
    return Previewed(what, name)
