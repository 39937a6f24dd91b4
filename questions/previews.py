"""Signed links to what is not public yet: anybody who has one may read it, for a day."""

from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404
from django.urls import reverse

MAX_AGE = 24 * 60 * 60  # seconds

_signer = TimestampSigner(salt="preview")


def preview_address(what, name):
    """The address of a preview of a `question` by uid, or of a `changeset` by key."""
    return reverse("preview", args=[_signer.sign(f"{what}:{name}")])


def previewed(token):
    """`(what, name)` that a token was made for. Raises Http404 if it is too old or not ours."""
    try:
        what, _, name = _signer.unsign(token, max_age=MAX_AGE).partition(":")
    except BadSignature as error:
        raise Http404 from error
    return what, name
