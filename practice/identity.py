"""Who practises: a random key in a signed cookie, which no page of the bank is ever sent.

A view finds the learner as `request.learner`, None where there is none. It sets that to a learner whom it
has made, or to None for one who goes; the cookies follow.
"""

from datetime import timedelta

from django.conf import settings
from django.core.signing import BadSignature
from django.db import IntegrityError, transaction
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone

from .forms import TimeZoneForm
from .models import LATE, Learner
from .refusals import Gone, Nobody, Refused, Unreadable

PATH = "/practice/"
COOKIE = f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}practice"
MARKER = "learner"  # the name of a cookie that scripts may read; it grants nothing
TWIN = timedelta(minutes=1)  # within which the same first review is the same request, sent twice
KEPT = 400 * 24 * 60 * 60  # seconds, the most that browsers keep a cookie, from the last visit on


class LearnerMiddleware:
    """Gives requests under `PATH` their learner and their answers the cookies; none of these is ever kept.

    What a view refuses is answered with a page, or for a script with JSON, that says why.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        request.learner = request.unreadable = None
        try:
            request.learner = learner_of(request)
        except Unreadable as refusal:
            request.unreadable = refusal
        response = self.get_response(request)
        if request.learner or not request.unreadable:
            keep(request, response)
        response.headers["Cache-Control"] = "no-store"
        return response

    def process_view(self, request, view, args, kwargs):
        is_closed = getattr(request, "unreadable", None) and not hasattr(view, "works_without_key")
        return refused(request, request.unreadable) if is_closed else None

    def process_exception(self, request, exception):
        if isinstance(exception, Learner.DoesNotExist):  # another device was faster
            request.learner, exception = None, Gone()
        return refused(request, exception) if isinstance(exception, Refused) else None


def works_without_key(view):
    """Let a view answer where the cookie cannot be read: it finds no learner then, and keeps the cookie."""
    view.works_without_key = True
    return view


def refused(request, refusal):
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"error": str(refusal)}, status=refusal.status)
    context = {"refusal": refusal, "may_forget": isinstance(refusal, Unreadable)}
    return render(request, "practice/refused.html", context, status=refusal.status)


def learner_of(request):
    """The learner whose key came with the request. Raises Unreadable for a cookie that is not ours."""
    if not request.COOKIES.get(COOKIE):
        return None
    try:
        key = request.get_signed_cookie(COOKIE, salt=PATH)  # with a default, it would take any cookie
    except BadSignature as error:
        raise Unreadable from error
    return Learner.objects.filter(key=key).first()


def keep(request, response):
    """Set the cookies of a learner again, and take away those of one who is gone."""
    if request.learner is not None:
        options = {"max_age": KEPT, "secure": settings.SESSION_COOKIE_SECURE, "samesite": "Lax"}
        response.set_signed_cookie(
            COOKIE, request.learner.key, salt=PATH, path=PATH, httponly=True, **options
        )
        response.set_cookie(MARKER, "1", **options)
    elif COOKIE in request.COOKIES or MARKER in request.COOKIES:
        forget(response)


def forget(response):
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    response.delete_cookie(MARKER, samesite="Lax")


def review(request, question, rating, *, key, time_zone="", **values):
    """Add a review, with values as of `Learner.review()`; the first one makes the learner.

    Sent twice at once, the first one makes one learner all the same.
    """
    try:
        return _review(request, question, rating, key, time_zone, values)
    except IntegrityError:  # the other one of the two was faster
        return _review(request, question, rating, key, time_zone, values)


def _review(request, question, rating, key, time_zone, values):
    if request.learner:
        return request.learner.review(question, rating, key=key, **values)
    with transaction.atomic():
        learner = _twin(key) or Learner.objects.create(time_zone=time_zone)
        review = learner.review(question, rating, key=key, **values)
    request.learner = learner
    return review


def _twin(key):
    """The learner whom a review with this key, which only its sender knows, has made.

    It was sent twice at once; or the answer with the cookie was lost, so that nothing came after it.
    """
    learner = Learner.objects.filter(reviews__key=key, created__gt=timezone.now() - LATE).first()
    is_new = learner and learner.created > timezone.now() - TWIN
    return learner if learner and (is_new or learner.reviews.count() == 1) else None


def needed(request):
    """The learner of the request. Raises Nobody."""
    if request.learner is None:
        raise Nobody
    return request.learner


def begin(request):
    """The learner for whom something is kept: that of the request, or a new one. Raises Wrong."""
    if request.learner is None:
        request.learner = Learner.objects.create(**TimeZoneForm(request.POST).checked())
    return request.learner
