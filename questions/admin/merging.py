"""The page that merges a topic into another one: choose it, read what it would change, done."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..changes import Change
from ..documents import KINDS
from ..merging import changes_of_merge, merge_topics
from ..models import QuestionTopic, Topic
from ..notices import Way, came_from, say, undo_way
from ..refusals import Refusal
from .confirming import Confirmation, Group, groups_of
from .documents import is_editor, report_refusal
from .widgets import Autocomplete


class MergeForm(forms.Form):
    """The topic that stays."""

    into = forms.ModelChoiceField(
        Topic.objects.all(),
        label=_("Into which topic?"),
        help_text=_("It stays, and gets the questions and the addresses of the other one."),
    )

    def __init__(self, topic: Topic, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.topic = topic
        self.fields["into"].widget = Autocomplete(QuestionTopic._meta.get_field("topic"), admin.site)
        self.fields["into"].widget.choices = self.fields["into"].choices

    def clean_into(self):
        if self.cleaned_data["into"] == self.topic:
            raise ValidationError(_("Choose another topic than this one."))
        return self.cleaned_data["into"]


def merge_view(modeladmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Merge the topic `pk` into the one that is chosen, once what that touches is confirmed."""
    if not is_editor(request.user):
        raise PermissionDenied
    topic = get_object_or_404(Topic, pk=pk)
    form = MergeForm(topic, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": _("Merge “%(name)s” into another topic") % {"name": topic},
            "opts": modeladmin.opts,
            "media": modeladmin.media + form.media,
            "form": form,
            "topic": topic,
            "back": came_from(request),
        }
        return render(request, "admin/questions/merge_topics.html", context)
    kept = form.cleaned_data["into"]
    changes = changes_of_merge(topic, kept)
    confirmation = _confirmation(request, topic, kept, changes)
    if not confirmation.is_given_by(request):
        return confirmation.page(request, modeladmin)
    try:
        changeset = merge_topics(topic, kept, changes, request.user)
    except Refusal as refusal:
        report_refusal(request, refusal)
        return redirect("admin:questions_topic_change", topic.pk)
    public = Topic.objects.published().filter(pk=kept.pk).first()
    see = Way(_("See it in public"), public.get_absolute_url()) if public else None
    say(request, f"{changeset}.", see, undo_way(request.user, changeset))
    return redirect("admin:questions_topic_change", kept.pk)


def _confirmation(request, topic: Topic, kept: Topic, changes: list[Change]) -> Confirmation:
    questions = [change for change in changes if change.kind == "question"]
    count = len(questions)
    summary = ngettext(
        "%(n)s question gets the topic “%(kept)s” in place of “%(gone)s”, which ends.",
        "%(n)s questions get the topic “%(kept)s” in place of “%(gone)s”, which ends.",
        count,
    )
    names = {"n": count, "kept": kept, "gone": topic}
    address = _("%(old)s will lead to %(new)s")
    [group] = groups_of(questions) or [None]
    heading = KINDS["question"].model._meta.verbose_name_plural
    return Confirmation(
        title=_("Merge “%(gone)s” into “%(kept)s”") % names,
        summary=summary % names,
        button=_("Merge the two"),
        act=f"merge {topic.uid} {kept.uid}",
        versions=[(change.kind, change.uid, change.base) for change in changes],
        groups=[
            Group(_("The topic that ends"), groups_of([c for c in changes if c.after is None])[0].rows),
            *([Group(str(heading).capitalize(), group.rows)] if group else []),
        ],
        facts=[
            address % {"old": reverse("topic", args=[topic.slug]), "new": reverse("topic", args=[kept.slug])}
        ],
        hidden=[("into", str(kept.pk))],
        back=came_from(request),
    )
