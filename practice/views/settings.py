"""When a learner's day begins, and where."""

from itertools import groupby

from django import forms
from django.conf import settings as site
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from .. import identity
from ..forms import time_zones
from ..models import DAY_BEGINS, Learner

HOURS = [(hour, f"{hour}:00") for hour in range(24)]


def zones_by_region() -> list:
    """The names of all time zones as choices; those of no region come last."""
    names = [name.partition("/") for name in time_zones()]
    in_regions = [(region, name) for region, slash, name in names if slash]
    groups = [
        (region, [(f"{region}/{name}", name.replace("_", " ")) for _region, name in rows])
        for region, rows in groupby(in_regions, key=lambda row: row[0])
    ]
    return [*groups, (_("Others"), [(name, name) for name, slash, _name in names if not slash])]


def zone_choices() -> list:
    return [("", _("That of this site (%(zone)s)") % {"zone": site.TIME_ZONE}), *zones_by_region()]


class SettingsForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=zone_choices,
        error_messages={"invalid_choice": _("There is no time zone “%(value)s”: choose one of the list.")},
    )
    day_start = forms.TypedChoiceField(
        label=_("A day begins at"),
        choices=HOURS,
        coerce=int,
        initial=DAY_BEGINS,
        help_text=_("What you do before this hour still counts as the evening before."),
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], _("A day begins at a full hour, from 0 to 23: choose one.")
        ),
    )

    class Meta:
        model = Learner
        fields = ["time_zone", "day_start"]


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request):
    form = SettingsForm(request.POST or None, instance=request.learner or Learner(), label_suffix="")
    if form.is_valid():
        with identity.writing(request) as learner, learner.alone():
            Learner.objects.filter(pk=learner.pk).update(**form.cleaned_data)
        return redirect(f"{request.path}?saved")
    context = {"form": form, "is_saved": "saved" in request.GET and not form.is_bound}
    return render(request, "practice/settings.html", context, status=400 if form.is_bound else 200)
