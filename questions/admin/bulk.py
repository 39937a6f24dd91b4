"""What can be done to many questions at once. Each action shows what it will change, then what it did."""

from copy import deepcopy

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Max
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..changes import REVIEW
from ..models import Difficulty, Placement, Question, Role, Status, Topic
from ..recording import recorder
from .confirming import Confirmation, Group, rows_of, versions_of


class BulkAction:
    """One action: which questions of a selection it changes, and how.

    It has at most three pages: choose a value, read what it would change, done. A subclass without a
    `value_field` needs no value, and its methods get None.
    """

    name: str
    label: str | Promise
    permission = "review"
    value_field: forms.Field | None = None
    changed_field = "status"  # by which the page of the confirmation groups the questions
    heading: str | Promise = _("From %(state)s")
    hides = False  # whether what it touches disappears from the public

    def affected(self, questions, value):
        """Those of a queryset that the action would change."""
        raise NotImplementedError

    def change(self, questions, value) -> None:
        """Write the change."""
        raise NotImplementedError

    def respond(self, modeladmin, request, queryset):
        """The next page; None when the action is done."""
        form = self.form(request.POST if "asked" in request.POST else None)
        if self.value_field and not form.is_valid():
            return self.page_of_choice(modeladmin, request, queryset, form)
        value = form.cleaned_data["value"] if self.value_field else None
        questions = changeable(queryset, request.user)
        if "confirmed" in request.POST:
            # Locked before it is compared, so that what is written is what was compared; all at once and
            # in order, to avoid deadlocks.
            touched = Question.objects.filter(pk__in=list(questions.values_list("pk", flat=True)))
            recorder().touch_all(touched.touching())
        affected = list(self.affected(questions, value))
        confirmation = self.confirmation(request, queryset, affected, value)
        if not affected or not confirmation.is_given_by(request):
            return confirmation.page(request, modeladmin)
        self.change(Question.objects.filter(pk__in=[question.pk for question in affected]), value)
        recorder().changeset.summary = confirmation.title[:300]
        return None

    def confirmation(self, request, queryset, affected, value) -> Confirmation:
        count, selected = len(affected), queryset.count()
        text = ngettext("%(act)s: %(n)s question", "%(act)s: %(n)s questions", count)
        title = text % {"act": self.name_with(value), "n": count}
        public = sum(question.status == Status.PUBLISHED for question in affected)
        return Confirmation(
            title=title,
            summary=self.summary(count, selected, public),
            button=title,
            act=f"{self.name} {getattr(value, 'pk', value)}",
            versions=versions_of({"question": [question.uid for question in affected]} | self.others(value)),
            groups=self.groups(affected),
            untouched=self.untouched(queryset, affected, value),
            disappearing=count if self.hides else 0,
            hidden=[*self.selection(request.POST), *([("value", request.POST["value"])] if value else [])],
            back=request.get_full_path(),
        )

    def name_with(self, value) -> str:
        """The action with its value, such as “Set difficulty to Easy”."""
        return str(self.label)

    def others(self, value) -> dict[str, list[str]]:
        """The other documents that it changes, as `{kind: uids}`."""
        return {}

    def summary(self, count, selected, public) -> str:
        if not count:
            return gettext("None of those that you chose needs this, or you may not do it.")
        text = ngettext(
            "It touches %(n)s of the %(selected)s that you chose.",
            "It touches %(n)s of the %(selected)s that you chose.",
            count,
        )
        if count == selected:
            text = ngettext(
                "It touches the one that you chose.", "It touches all %(n)s that you chose.", count
            )
        numbers = {"n": count, "selected": selected}
        return f"{text % numbers} {self.summary_for_readers(count, public)}".strip()

    def summary_for_readers(self, count, public) -> str:
        if not public:
            return gettext("None of them is public.")
        if public == count:
            return gettext("All are public, so readers see it at once.")
        text = ngettext("%(n)s of them is public.", "%(n)s of them are public.", public)
        return text % {"n": public}

    def groups(self, affected) -> list[Group]:
        """What it touches, by the state from which it takes it."""
        headings = {"": gettext("no difficulty"), **dict(Difficulty.choices), **dict(Status.choices)}
        by_state: dict[str, list] = {}
        for question in affected:
            by_state.setdefault(getattr(question, self.changed_field), []).append(question)
        return [
            Group(self.heading % {"state": headings[state]}, rows_of(by_state[state]))
            for state in headings
            if state in by_state
        ]

    def untouched(self, queryset, affected, value) -> list[Group]:
        """Those of the selection that it leaves alone, by the reason."""
        pks = {question.pk for question in affected}
        by_reason: dict[str, list] = {}
        for question in queryset:
            if question.pk not in pks:
                by_reason.setdefault(str(self.reason(question, value)), []).append(question)
        return [Group(reason, rows_of(rows)) for reason, rows in by_reason.items()]

    def reason(self, question, value) -> str:
        """Why the action leaves `question` alone."""
        return gettext("It is like that already, or you may not change it")

    def page_of_choice(self, modeladmin, request, queryset, form):
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": self.label,
            "opts": modeladmin.opts,
            "media": modeladmin.media,
            "form": form,
            "selected_count": queryset.count(),
            "hidden": self.selection(request.POST),
            "leave_url": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/questions/bulk.html", context)

    def selection(self, data) -> list[tuple[str, str]]:
        """What the form sends again, so that the next page knows the action and the selection."""
        chosen = [(ACTION_CHECKBOX_NAME, pk) for pk in data.getlist(ACTION_CHECKBOX_NAME)]
        across = data.get("select_across", "0")
        return [("action", self.name), ("select_across", across), ("index", "0"), ("asked", "yes"), *chosen]

    def form(self, data):
        form = forms.Form(data)
        if self.value_field:
            form.fields["value"] = deepcopy(self.value_field)
        return form

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

    def summary_for_readers(self, count, public):
        return gettext("Readers see them at once.")

    def groups(self, affected):
        """Those that lack something stand apart, each with what it lacks."""
        questions = Question.objects.filter(pk__in=[question.pk for question in affected])
        pks = dict.fromkeys(("topics", "placements"), frozenset())
        for name in pks:
            pks[name] = frozenset(questions.exclude(**{name: None}).values_list("pk", flat=True))
        whole, lacking = [], []
        for question, row in zip(affected, rows_of(affected), strict=True):
            lacks = [gettext("role")] if question.pk not in pks["placements"] else []
            lacks += [gettext("topic")] if question.pk not in pks["topics"] else []
            for name in ("short_answer", "key_points", "sources"):
                if not getattr(question, name):
                    lacks.append(str(question._meta.get_field(name).verbose_name))
            if lacks:
                text = gettext("%(name)s (without: %(lacks)s)")
                row = row._replace(name=text % {"name": row.name, "lacks": ", ".join(lacks)})
            (lacking if lacks else whole).append(row)
        groups = {gettext("What lacks something"): lacking, gettext("What is whole"): whole}
        return [Group(heading, rows) for heading, rows in groups.items() if rows]

    def reason(self, question, value):
        if question.status == Status.PUBLISHED:
            return gettext("Published already")
        return gettext("Without an answer or a difficulty, which what is published needs")


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
    hides = True

    def affected(self, questions, value):
        return questions.filter(status=Status.PUBLISHED)

    def change(self, questions, value):
        questions.update(status=Status.RETIRED)

    def summary_for_readers(self, count, public):
        return gettext("Readers no longer see them: their addresses say that they are gone.")

    def reason(self, question, value):
        return gettext("Not public: %(status)s") % {"status": question.get_status_display()}


class SetDifficulty(BulkAction):
    name = "set_difficulty"
    label = _("Set difficulty")
    changed_field = "difficulty"
    value_field = forms.ChoiceField(choices=Difficulty.choices, label=_("Difficulty"))

    def affected(self, questions, value):
        return questions.exclude(difficulty=value)

    def change(self, questions, value):
        questions.update(difficulty=value)

    def name_with(self, value):
        return gettext("Set difficulty to %(value)s") % {"value": Difficulty(value).label}

    def reason(self, question, value):
        if question.difficulty == value:
            return gettext("%(value)s already") % {"value": Difficulty(value).label}
        return super().reason(question, value)


class AddTopic(BulkAction):
    name = "add_topic"
    label = _("Add topic")
    heading = _("Of those %(state)s")
    value_field = forms.ModelChoiceField(Topic.objects.all(), label=_("Topic"))

    def affected(self, questions, value):
        return questions.exclude(topics=value)

    def change(self, questions, value):
        value.questions.add(*questions)

    def name_with(self, value):
        return gettext("Add the topic “%(value)s”") % {"value": value}

    def others(self, value):
        return {"topic": [value.uid]}

    def reason(self, question, value):
        return gettext("Has this topic already")


class RemoveTopic(BulkAction):
    name = "remove_topic"
    label = _("Remove topic")
    heading = _("Of those %(state)s")
    value_field = forms.ModelChoiceField(Topic.objects.all(), label=_("Topic"))

    def affected(self, questions, value):
        return questions.filter(topics=value)

    def change(self, questions, value):
        value.questions.remove(*questions)

    def name_with(self, value):
        return gettext("Remove the topic “%(value)s”") % {"value": value}

    def others(self, value):
        return {"topic": [value.uid]}

    def reason(self, question, value):
        return gettext("Does not have this topic")


class PlaceInRole(BulkAction):
    name = "place_in_role"
    label = _("Place in a role, at the end")
    heading = _("Of those %(state)s")
    value_field = forms.ModelChoiceField(Role.objects.all(), label=_("Role"))

    def affected(self, questions, value):
        return questions.exclude(placements__role=value)

    def change(self, questions, value):
        last = value.placements.aggregate(last=Max("position"))["last"] or 0
        Placement.objects.bulk_create(
            Placement(role=value, question=question, position=position)
            for position, question in enumerate(questions, start=last + 1)
        )

    def name_with(self, value):
        return gettext("Place at the end of “%(value)s”") % {"value": value}

    def others(self, value):
        return {"role": [value.uid]}

    def reason(self, question, value):
        return gettext("In this role already")


ACTIONS = [
    action().as_admin_action()
    for action in (Publish, SendToReview, Retire, SetDifficulty, AddTopic, RemoveTopic, PlaceInRole)
]
