"""How a learner comes to another browser, and how a browser forgets one."""

from io import BytesIO
from typing import Any

from django import forms
from django.db import transaction
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from questions.structured_data import absolute
from questions.visitors import network_of

from .. import codes, identity
from ..joining import join
from ..models import Learner
from ..refusals import Refused, TooManyCodes, UnknownCode


class CodeForm(forms.Form):
    """A code, in `learner` whose it is, and in `status` what to answer if it is none."""

    code = forms.CharField(
        label=_("The code"),
        max_length=100,
        help_text=_("Capitals or not, with or without the hyphen: both are read."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Type the code that the other device shows.")},
    )
    together = forms.BooleanField(required=False)

    def __init__(self, request):
        super().__init__(request.POST if request.method == "POST" else None, label_suffix="")
        self.network = network_of(request)
        self.learner: Any = None  # until a code is found
        self.status = 400 if self.is_bound else 200

    def clean_code(self) -> str:
        try:
            self.learner = codes.find(self.cleaned_data["code"], self.network)
        except Refused as refusal:
            self.status = refusal.status
            raise forms.ValidationError(str(refusal)) from refusal
        return self.cleaned_data["code"]


@require_http_methods(["GET", "HEAD", "POST"])
def devices(request):
    """Shows the way to another device; sent, makes a code for one."""
    counts = request.learner.counts() if request.learner else None
    context = {"counts": counts, "is_here": "here" in request.GET, "code": ""}
    if request.method == "POST":
        code = codes.for_device(identity.needed(request))
        address = absolute(f"{reverse('practice_enter')}#{code}")
        context |= {"code": code, "address": address, "picture": _qr(address)}
    return render(request, "practice/devices.html", context)


@require_POST
def recovery(request):
    """Shows, once, a code to write down."""
    return render(request, "practice/recovery.html", {"code": codes.for_recovery(identity.needed(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@identity.works_without_key
def enter(request):
    """Takes a code. A browser that has something of its own is asked first what becomes of it."""
    form = CodeForm(request)
    if not form.is_valid():
        response = render(request, "practice/enter.html", {"form": form}, status=form.status)
        if form.status == TooManyCodes.status:
            response.headers["Retry-After"] = str(codes.HOUR.seconds)
        return response
    is_same = request.learner == form.learner
    if request.learner and not is_same and not form.cleaned_data["together"]:
        context = {"form": form, "here": request.learner.counts(), "there": form.learner.counts()}
        return render(request, "practice/together.html", context)
    if not is_same:
        _move_in(request, form)
    return redirect(f"{reverse('practice_devices')}?here")


@require_POST
@identity.works_without_key
def forget(request):
    """Takes away the cookies of a browser, also those that cannot be read; what is kept stays kept."""
    response = redirect("home")
    request.learner = None
    identity.forget(response)
    rotate_token(request)  # by which whoever comes next would else be known as the one before
    return response


def _move_in(request, form):
    """Make this browser the learner's to whom the code leads, with what it has of its own.

    Raises UnknownCode where that learner was deleted meanwhile.
    """
    try:
        _join_and_spend(request, form)
    except Learner.DoesNotExist:
        if Learner.objects.filter(pk=form.learner.pk).exists():
            raise  # it is the browser's own that is gone
        raise UnknownCode from None
    request.learner = form.learner


def _join_and_spend(request, form):
    with transaction.atomic():
        if request.learner:
            join(form.learner, request.learner)
        # Last: to join takes the locks of both learners, and their codes are changed under these alone.
        codes.spend(form.cleaned_data["code"])


def _qr(address):
    import segno  # by the few who move

    picture = BytesIO()
    segno.make(address, error="m").save(
        picture,
        kind="svg",
        scale=5,
        border=4,
        light="#fff",
        xmldecl=False,
        svgns=False,
        svgclass=None,
        lineclass=None,
    )
    return mark_safe(picture.getvalue().decode())  # drawn here, of an address that was made here
