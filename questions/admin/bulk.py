"""What can be done to many questions at once. Each says what it will touch, then what it did."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..changes import REVIEW
from ..models import Difficulty, Placement, Question, Role, Status, Topic
from ..recording import recorder


@dataclass
class Bulk:
    """One action: which questions of a selection it touches, and what it does to them.

    `touched(questions, value)` narrows a queryset, `do(questions, value)` writes; `value` is what
    the curator chose in `choice`, a form field, if there is one. Three pages at most: choose the
    value, read what it would touch, done.
    """

    name: str
    label: str
    touched: Callable
    do: Callable
    choice: forms.Field | None = None
    permission: str = "review"

    def __call__(self, modeladmin, request, queryset):
        form = self.form(request.POST if "asked" in request.POST else None)
        is_chosen = not self.choice or (form.is_bound and form.is_valid())
        value = form.cleaned_data["value"] if self.choice and is_chosen else None
        touched = self.touched(self.theirs(queryset, request.user), value)
        if is_chosen and "confirmed" in request.POST:
            self.apply(touched, value)
            return None
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": self.label,
            "opts": modeladmin.opts,
            "media": modeladmin.media,
            "form": form,
            "is_chosen": is_chosen,
            "action": self.name,
            "chosen": queryset.count(),
            "touched": touched.count() if is_chosen else 0,
            "examples": touched[:20] if is_chosen else [],
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/questions/bulk.html", context)

    def theirs(self, queryset, user):
        """Those of a selection that `user` may change."""
        return queryset if user.has_perm(REVIEW) else queryset.filter(author=user, published_at=None)

    def form(self, data):
        fields = {"value": self.choice} if self.choice else {}
        return type("BulkForm", (forms.Form,), fields)(data)

    def apply(self, touched, value):
        # By key: what is written may take a question out of the selection's own filter.
        questions = Question.objects.filter(pk__in=list(touched.values_list("pk", flat=True)))
        recorder().touch_all(questions.touching())  # all at once and in order, so that no two deadlock
        count = questions.count()
        self.do(questions, value)
        told = ngettext("%(label)s: %(n)s question", "%(label)s: %(n)s questions", count)
        recorder().changeset.summary = told % {"label": self.label, "n": count}

    def as_action(self):
        @admin.action(description=self.label, permissions=[self.permission])
        def action(modeladmin, request, queryset):
            return self(modeladmin, request, queryset)

        action.__name__ = self.name
        return action


def _add_topic(questions, topic):
    topic.questions.add(*questions)


def _remove_topic(questions, topic):
    topic.questions.remove(*questions)


def _place(questions, role):
    for question in questions:
        Placement.objects.create(role=role, question=question)


def _set(**values):
    return lambda questions, value: questions.update(**values)


ACTIONS = [
    bulk.as_action()
    for bulk in (
        Bulk(
            "publish",
            _("Publish"),
            lambda questions, value: questions.exclude(status=Status.PUBLISHED).whole(),
            lambda questions, value: questions.update(
                status=Status.PUBLISHED, reviewed_on=timezone.localdate()
            ),
        ),
        Bulk(
            "send_to_review",
            _("Send to review"),
            lambda questions, value: questions.filter(status=Status.DRAFT),
            _set(status=Status.REVIEW),
            permission="change",
        ),
        Bulk(
            "retire",
            _("Retire"),
            lambda questions, value: questions.filter(status=Status.PUBLISHED),
            _set(status=Status.RETIRED),
        ),
        Bulk(
            "set_difficulty",
            _("Set difficulty"),
            lambda questions, value: questions.filter(~Q(difficulty=value) if value else Q()),
            lambda questions, value: questions.update(difficulty=value),
            forms.ChoiceField(choices=Difficulty.choices, label=_("Difficulty")),
        ),
        Bulk(
            "add_topic",
            _("Add topic"),
            lambda questions, value: questions.exclude(topics=value) if value else questions,
            _add_topic,
            forms.ModelChoiceField(Topic.objects.all(), label=_("Topic")),
        ),
        Bulk(
            "remove_topic",
            _("Remove topic"),
            lambda questions, value: questions.filter(topics=value) if value else questions,
            _remove_topic,
            forms.ModelChoiceField(Topic.objects.all(), label=_("Topic")),
        ),
        Bulk(
            "place_in_role",
            _("Place in a role, at the end"),
            lambda questions, value: questions.exclude(placements__role=value) if value else questions,
            _place,
            forms.ModelChoiceField(Role.objects.all(), label=_("Role")),
        ),
    )
]
