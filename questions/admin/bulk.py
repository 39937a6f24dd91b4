"""What can be done to many questions at once. Each action shows what it will change, then what it did."""

from copy import deepcopy

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..changes import REVIEW
from ..models import Difficulty, Placement, Question, Role, Status, Topic
from ..recording import recorder

EXAMPLES = 20  # questions that the page of an action lists


class BulkAction:
    """One action: which questions of a selection it changes, and how.

    It has at most three pages: choose a value, read what it would change, done. A subclass without a
    `value_field` needs no value, and its methods get None.
    """

    name: str
    label: str | Promise
    permission = "review"
    value_field: forms.Field | None = None

    def affected(self, questions, value):
        """Those of a queryset that the action would change."""
        raise NotImplementedError

    def change(self, questions, value) -> None:
        """Write the change."""
        raise NotImplementedError

    def respond(self, modeladmin, request, queryset):
        """The next page; None when the action is done."""
        form = self.form(request.POST if "asked" in request.POST else None)
        is_ready = self.value_field is None or form.is_valid()
        value = form.cleaned_data["value"] if self.value_field and is_ready else None
        affected = Question.objects.none()
        if is_ready:
            affected = self.affected(changeable(queryset, request.user), value)
        if is_ready and "confirmed" in request.POST:
            self.apply(affected, value)
            return None
        affected_count = affected.count()
        context = {
            **modeladmin.admin_site.each_context(request),
            **self.selection(request.POST),
            "title": self.label,
            "opts": modeladmin.opts,
            "media": modeladmin.media,
            "form": form,
            "is_ready": is_ready,
            "selected_count": queryset.count(),
            "affected_count": affected_count,
            "examples": affected[:EXAMPLES],
            "has_more": affected_count > EXAMPLES,
        }
        return TemplateResponse(request, "admin/questions/bulk.html", context)

    def selection(self, data) -> dict:
        """What the form sends again, so that the next page knows the action and the selection."""
        return {
            "action": self.name,
            "selected": data.getlist(ACTION_CHECKBOX_NAME),
            "select_across": data.get("select_across", "0"),
            "checkbox_name": ACTION_CHECKBOX_NAME,
        }

    def form(self, data):
        form = forms.Form(data)
        if self.value_field:
            form.fields["value"] = deepcopy(self.value_field)
        return form

    def apply(self, affected, value) -> None:
        # By key: the change may take a question out of the filter of the selection.
        questions = Question.objects.filter(pk__in=list(affected.values_list("pk", flat=True)))
        recorder().touch_all(questions.touching())  # all at once and in order, to avoid deadlocks
        count = questions.count()
        self.change(questions, value)
        summary = ngettext("%(label)s: %(n)s question", "%(label)s: %(n)s questions", count)
        recorder().changeset.summary = summary % {"label": self.label, "n": count}

    def as_admin_action(self):
        @admin.action(description=self.label, permissions=[self.permission])
        def action(modeladmin, request, queryset):
            return self.respond(modeladmin, request, queryset)

        action.__name__ = self.name
        return action


def changeable(queryset, user):
    """Those of a selection that `user` may change."""
    return queryset if user.has_perm(REVIEW) else queryset.filter(author=user, published_at=None)


class Publish(BulkAction):
    name = "publish"
    label = _("Publish")

    def affected(self, questions, value):
        return questions.exclude(status=Status.PUBLISHED).whole()

    def change(self, questions, value):
        questions.update(status=Status.PUBLISHED, reviewed_on=timezone.localdate())


class SendToReview(BulkAction):
    name = "send_to_review"
    label = _("Send to review")
    permission = "change"

    def affected(self, questions, value):
        return questions.filter(status=Status.DRAFT)

    def change(self, questions, value):
        questions.update(status=Status.REVIEW)


class Retire(BulkAction):
    name = "retire"
    label = _("Retire")

    def affected(self, questions, value):
        return questions.filter(status=Status.PUBLISHED)

    def change(self, questions, value):
        questions.update(status=Status.RETIRED)


class SetDifficulty(BulkAction):
    name = "set_difficulty"
    label = _("Set difficulty")
    value_field = forms.ChoiceField(choices=Difficulty.choices, label=_("Difficulty"))

    def affected(self, questions, value):
        return questions.exclude(difficulty=value)

    def change(self, questions, value):
        questions.update(difficulty=value)


class AddTopic(BulkAction):
    name = "add_topic"
    label = _("Add topic")
    value_field = forms.ModelChoiceField(Topic.objects.all(), label=_("Topic"))

    def affected(self, questions, value):
        return questions.exclude(topics=value)

    def change(self, questions, value):
        value.questions.add(*questions)


class RemoveTopic(BulkAction):
    name = "remove_topic"
    label = _("Remove topic")
    value_field = forms.ModelChoiceField(Topic.objects.all(), label=_("Topic"))

    def affected(self, questions, value):
        return questions.filter(topics=value)

    def change(self, questions, value):
        value.questions.remove(*questions)


class PlaceInRole(BulkAction):
    name = "place_in_role"
    label = _("Place in a role, at the end")
    value_field = forms.ModelChoiceField(Role.objects.all(), label=_("Role"))

    def affected(self, questions, value):
        return questions.exclude(placements__role=value)

    def change(self, questions, value):
        for question in questions:
            Placement.objects.create(role=value, question=question)


ACTIONS = [
    action().as_admin_action()
    for action in (Publish, SendToReview, Retire, SetDifficulty, AddTopic, RemoveTopic, PlaceInRole)
]
