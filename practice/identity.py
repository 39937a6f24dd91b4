"""Who practises: a random key in a signed cookie, which no page of the bank is ever sent.

A view finds the learner as `request.learner`, None where there is none. It sets that to a learner whom it
has made, or to None for one who goes; the cookies follow.
"""

from contextlib import contextmanager

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from .models import COOKIE_LASTS, Learner
from .refusals import Gone, Nobody, NotTheirs, Refused, Unreadable

PATH = "/practice/"
COOKIE = f"{'__Secure-' if settings.SESSION_COOKIE_SECURE else ''}practice"
MARKER = "learner"  # the name of a cookie that scripts may read; it grants nothing


def signer():
    """What signs keys: a signer of our own, because a release of Django may sign its cookies anew.

    A learner has no other way back to what was marked: cookies must stay good when Django is upgraded.
    """
    return Signer(salt=PATH)


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
    if wants_json(request):
        return JsonResponse({"error": str(refusal)}, status=refusal.status)
    context = {"refusal": refusal, "may_forget": isinstance(refusal, Unreadable)}
    return render(request, "practice/refused.html", context, status=refusal.status)


def wants_json(request):
    """Whether a script asks, and no page."""
    return request.headers.get("Accept") == "application/json"


def learner_of(request):
    """The learner whose key came with the request. Raises Unreadable for a cookie that is not ours."""
    signed = request.COOKIES.get(COOKIE)
    if not signed:
        return None
    try:
        key = signer().unsign(signed)
    except BadSignature as error:
        raise Unreadable from error
    learner = Learner.objects.filter(key=key).first()
    if learner:
        learner.visit()
    return learner


def keep(request, response):
    """Set the cookies of a learner again, and take away those of one who is gone."""
    if request.learner is not None:
        options = {"max_age": COOKIE_LASTS, "secure": settings.SESSION_COOKIE_SECURE, "samesite": "Lax"}
        response.set_cookie(COOKIE, signer().sign(request.learner.key), path=PATH, httponly=True, **options)
        response.set_cookie(MARKER, "1", **options)
    elif COOKIE in request.COOKIES or MARKER in request.COOKIES:
        forget(response)


def forget(response):
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    response.delete_cookie(MARKER, samesite="Lax")


def needed(request):
    """The learner of the request. Raises Nobody."""
    if request.learner is None:
        raise Nobody
    return request.learner


@contextmanager
def writing(request, **values):
    """A transaction for the learner of the request: a new one, with `values`, where there is none."""
    with transaction.atomic():
        learner = request.learner or begun(request, values)
        yield learner
    request.learner = learner  # not before: a cookie must not name one who was rolled back


def begun(request, values):
    """A new learner; the same one where the first requests of a browser come at once, or come again."""
    secret = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    if not secret:
        return Learner.objects.create(**values)
    # The browser has this cookie before it may send anything, and this site alone reads it.
    browser = salted_hmac(PATH, secret, algorithm="sha256").hexdigest()
    return Learner.objects.get_or_create(browser=browser, defaults=values)[0]


def review(request, question, rating, *, key, time_zone="", **values):
    """Add a review, with values as of `Learner.review()`; the first one makes the learner."""
    with writing(request, time_zone=time_zone) as learner:
        return learner.review(question, rating, key=key, **values)


def undo(request, key):
    """Undo the review with this key. Raises NotTheirs."""
    if request.learner is None:
        raise NotTheirs
    return request.learner.void(key)
