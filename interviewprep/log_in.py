"""How curators log in: limited tries, and a second factor for those who switched it on."""

from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessLog
from django import forms
from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.sessions.models import Session
from django.db import transaction
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user, user_has_device


class LimitedTries(AxesDatabaseHandler):
    """Three limits in place of one: for an account from one address, for an address, for an account.

    The last is a large one, and does not hold at addresses from which the account has logged in lately,
    so that strangers who guess, from however many addresses, do not lock a curator out.
    """

    LIMITS = (settings.AXES_FAILURE_LIMIT, 50, 300)  # in the order of AXES_LOCKOUT_PARAMETERS
    DAYS_KNOWN = 90  # for which a log-in from an address counts

    def get_failures(self, request, credentials=None):
        """The failures that count, each as a share of its limit, on the scale of the first."""
        first = self.LIMITS[0]
        counts = [
            sum(attempts.values_list("failures_since_start", flat=True))
            for attempts in self.get_user_attempts(request, credentials)
        ]
        if self.is_known(request, credentials):
            counts[-1] = 0
        return max(count * first // limit for count, limit in zip(counts, self.LIMITS, strict=True))

    def is_known(self, request, credentials):
        """Whether the account has logged in from the address of the request lately."""
        since = timezone.now() - timedelta(days=self.DAYS_KNOWN)
        log_ins = AccessLog.objects.filter(attempt_time__gte=since, ip_address=request.axes_ip_address)
        return log_ins.filter(username=get_client_username(request, credentials)).exists()

    def user_logged_in(self, *args, **kwargs):
        super().user_logged_in(*args, **kwargs)
        self.reset_logs(age_days=self.DAYS_KNOWN)

    def reset_user_attempts(self, request, credentials=None):
        """Forget the failures of this account from this address only, after it has logged in."""
        of_account_and_address, *_others = self.filter_user_attempts(request, credentials)
        return of_account_and_address.delete()[0]


def locked_out(request, response, credentials):
    """The page for those who have tried too often."""
    minutes = round(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    response = render(request, "admin/locked_out.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


class CodeInput(forms.TextInput):
    def __init__(self):
        super().__init__({"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"})


class LogInForm(AdminAuthenticationForm):
    """Asks for a code along with the password, so that nobody learns who has a second factor."""

    otp_token = forms.CharField(
        label=_("Code, if you use one"),
        help_text=_("From your app, or one of your recovery codes."),
        required=False,
        max_length=16,
        widget=CodeInput,
    )

    def clean(self):
        cleaned = super().clean()
        user = self.get_user()
        if user and user_has_device(user):
            try:
                user.otp_device = device_that_accepts(user, cleaned.get("otp_token", ""))
            except forms.ValidationError as error:
                self.add_error("otp_token", error)
        return cleaned


def device_that_accepts(user, code, confirmed=True):
    """The device of `user` to which `code` belongs. Raises ValidationError.

    The library accepts a code once, and makes a device wait for longer after each wrong one.
    """
    if not code:
        raise forms.ValidationError(_("Enter the code that your app shows, too."))
    with transaction.atomic():
        devices = list(devices_for_user(user, confirmed=confirmed, for_verify=True))
        may_try = any(device.verify_is_allowed()[0] for device in devices)
        for device in devices:
            if device.verify_token(code.replace(" ", "")):
                return device
    if may_try:
        raise forms.ValidationError(_("That code is not right, or was used before. Wait for the next one."))
    raise forms.ValidationError(_("Too many wrong codes. Wait a moment, then enter the next one."))


def end_sessions(user, but=None):
    """Log `user` out everywhere, but for the session with the key `but`."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).exclude(session_key=but):
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def end_sessions_of_deactivated(sender, instance, **kwargs):
    """Log out whom an administrator switches off, so that switching on again does not log in."""
    if not instance.is_active:
        end_sessions(instance)
