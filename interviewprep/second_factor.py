"""The page on which a curator switches the second factor on and off: codes of an app (TOTP, RFC 6238)."""

from base64 import b32encode
from io import BytesIO

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_otp import devices_for_user, login, user_has_device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from .log_in import CodeInput, device_that_accepts, end_sessions

RECOVERY_CODES = 10


class CodeForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=16, widget=CodeInput)

    def __init__(self, *args, user, confirmed=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.confirmed = user, confirmed

    def clean_code(self):
        """The device of the user, confirmed or not, that accepts the code."""
        return device_that_accepts(self.user, self.cleaned_data["code"], self.confirmed)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request, context):
    """Shows what is to do next; `context` is that of the admin's pages."""
    if user_has_device(request.user):
        return switched_on(request, context)
    return set_up(request, context)


def set_up(request, context):
    device = device_to_confirm(request.user)
    form = CodeForm(request.POST or None, user=request.user, confirmed=False)
    if not form.is_valid():
        secret = b32encode(device.bin_key).decode()
        groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return render(request, "admin/second_factor.html", context | {"form": form, "secret": groups})
    device = form.cleaned_data["code"]
    with transaction.atomic():
        device.confirmed = True
        device.save()
        codes = new_recovery_codes(request.user)
        end_sessions(request.user, but=request.session.session_key)
    login(request, device)
    context |= {"codes": codes, "is_new": True}
    return render(request, "admin/recovery_codes.html", context)


def device_to_confirm(user):
    """The app that `user` is about to set up; it does not count before it has shown a right code."""
    apps = TOTPDevice.objects.filter(user=user, confirmed=False)
    return apps.first() or TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def switched_on(request, context):
    form = CodeForm(request.POST or None, user=request.user)
    if not form.is_valid():
        left = StaticToken.objects.filter(device__user=request.user).count()
        context |= {"form": form, "left": left, "is_on": True}
        return render(request, "admin/second_factor.html", context)
    if "switch_off" in request.POST:
        with transaction.atomic():
            for device in devices_for_user(request.user, confirmed=None):
                device.delete()
        messages.success(request, _("The second factor is off: your password alone logs you in again."))
        return redirect(reverse("admin:index"))
    context |= {"codes": new_recovery_codes(request.user)}
    return render(request, "admin/recovery_codes.html", context)


def new_recovery_codes(user):
    """Ten codes that each replace the app once; those from before are void."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        device = StaticDevice.objects.create(user=user, name="recovery")
        codes = [StaticToken.random_token() for _code in range(RECOVERY_CODES)]
        device.token_set.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes


@never_cache
@require_safe
def qr_code(request):
    """The address that an app scans, as a picture."""
    import segno  # by the few who set it up

    if user_has_device(request.user):
        raise Http404
    picture = BytesIO()
    code = segno.make(device_to_confirm(request.user).config_url, error="m")
    code.save(picture, kind="svg", scale=5, border=4, light="#fff")
    return HttpResponse(picture.getvalue(), content_type="image/svg+xml")
