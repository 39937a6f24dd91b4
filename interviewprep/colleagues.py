"""Colleagues: one form for the name, the password and the duty of each, in place of Django's user admin.

Editors look after Writers and Editors; operators, who are Django's superusers, after everybody. Nobody
changes their own duty or switches themselves off, so that somebody who may is always left.
"""

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth import admin as auth_admin  # noqa: F401 - registers what is replaced below
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_otp import devices_for_user
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from questions.admin.acts import Bar, Button
from questions.admin.documents import count_of, is_editor
from questions.changes import ChangeSet
from questions.notices import Way, say

from .groups import EDITORS, WRITERS
from .log_in import end_sessions

# An account has one of two groups, by the form; operators who want others make them in a shell.
for model in User, Group:
    admin.site.unregister(model)


class Duty(models.TextChoices):
    """What a colleague may do."""

    WRITER = "writer", _("Writer")
    EDITOR = "editor", _("Editor")
    OPERATOR = "operator", _("Operator")


GROUPS = {Duty.WRITER: WRITERS, Duty.EDITOR: EDITORS}
EXPLAINED = {
    Duty.WRITER: _("Writes questions and proposes changes to public words. An Editor publishes them."),
    Duty.EDITOR: _("Publishes, retires, changes many at once, undoes, and looks after colleagues."),
    Duty.OPERATOR: _("Everything, the accounts of other operators too."),
}
SWITCHED_OFF = _("%(name)s can no longer log in, and is logged out everywhere. All that they wrote stays.")


def with_facts(users: "QuerySet[User]") -> "QuerySet[User]":
    """`users`, each with what the list shows and the rights depend on, in one query."""
    groups = User.groups.through.objects.filter(user=OuterRef("pk"))
    permissions = User.user_permissions.through.objects.filter(user=OuterRef("pk"))
    apps = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    codes = StaticDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
    return users.annotate(
        duty=Case(
            When(is_superuser=True, then=Value(Duty.OPERATOR)),
            When(Exists(groups.filter(group__name=EDITORS)), then=Value(Duty.EDITOR)),
            When(Exists(groups.filter(group__name=WRITERS)), then=Value(Duty.WRITER)),
            default=Value(""),
        ),
        has_other_rights=Exists(groups.exclude(group__name__in=GROUPS.values())) | Exists(permissions),
        has_second_factor=Exists(apps) | Exists(codes),
        changeset_count=count_of(ChangeSet, author=OuterRef("pk")),
    )


def may_look_after(user: User, colleague: User) -> bool:
    """Whether `user` may change the password, the duty and the log-in of `colleague`, with its facts.

    Whoever sets a password can log in with it, so nobody looks after somebody with more rights, or
    other ones, than an Editor has.
    """
    if user == colleague or not (is_editor(user) and user.has_perm("auth.change_user")):
        return False
    return user.is_superuser or not (colleague.is_superuser or colleague.has_other_rights)


def name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


def is_named_by_history(user: User) -> bool:
    """Whether something would lose its author, were the account deleted."""
    changesets = ChangeSet.objects.filter(Q(author=user) | Q(reviewer=user))
    return any(rows.exists() for rows in (changesets, user.questions, LogEntry.objects.filter(user=user)))


class PasswordToTell(forms.PasswordInput):
    """A password for somebody else: shown while it is typed, so that once is enough, and never again.

    Nor does the browser offer, or keep, one of its own in a field of this type.
    """

    input_type = "text"

    def __init__(self):
        super().__init__({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})
        self.attrs["class"] = "vTextField"


class DutyCards(forms.RadioSelect):
    template_name = "admin/auth/user/_duties.html"

    def create_option(self, name, value, *args, **kwargs):
        return super().create_option(name, value, *args, **kwargs) | {"explained": EXPLAINED[value]}


class NamesForm(forms.ModelForm):
    """The names of a colleague: all that anybody changes of their own account here."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "username"]
        field_classes = {"username": UsernameField}
        labels = {"username": _("User name")}
        help_texts = {
            "username": _("For logging in, and beside what they write. Letters, digits and @ . + - _")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "off"

    def clean_username(self):
        """No two names that differ in upper and lower case only, as people take them for the same."""
        username = self.cleaned_data["username"]
        others = User.objects.filter(username__iexact=username).exclude(pk=self.instance.pk)
        if "username" in self.changed_data and (other := others.first()):
            taken = _("That name is taken; %(name)s has it.")
            if not other.is_active:
                taken = _("That name is taken; %(name)s has it, who is switched off.")
            raise ValidationError(taken % {"name": name_of(other)})
        return username

    def sentences(self, is_new):
        """What saving did, as one would say it."""
        yield _("Saved: %(name)s.")


class ColleagueForm(NamesForm):
    """All of a colleague's account. `user`, who fills it in, is set on the class."""

    user: User

    new_password = forms.CharField(label=_("Password"), strip=False, widget=PasswordToTell)
    duty = forms.ChoiceField(label=_("What they may do"), initial=Duty.WRITER, widget=DutyCards)

    class Meta(NamesForm.Meta):
        fields = [*NamesForm.Meta.fields, "is_active"]
        labels = NamesForm.Meta.labels | {"is_active": _("May log in")}
        help_texts = NamesForm.Meta.help_texts | {
            "is_active": _(
                "When a colleague leaves, untick this. History names them, so the account stays; they can "
                "no longer log in."
            )
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        password, duty = self.fields["new_password"], self.fields["duty"]
        duty.choices = [(value, label) for value, label in Duty.choices if self.may_give(value)]
        if self.instance.pk:
            self.initial |= {
                "duty": self.instance.duty,
                "is_active": self.instance.is_active and self.instance.is_staff,
            }
            password.required = False
            password.help_text = _(
                "Leave it empty to keep the present one. Another one logs them out; tell it to them yourself."
            )
        else:
            password.help_text = _("It is shown only now, and no mail is sent: tell it to them yourself.")

    def may_give(self, duty: str) -> bool:
        return duty != Duty.OPERATOR or self.user.is_superuser

    def clean_duty(self):
        duty = Duty(self.cleaned_data["duty"])
        if duty in GROUPS and not Group.objects.filter(name=GROUPS[duty]).exists():
            raise ValidationError(
                _("The group “%(group)s” is missing; the next “manage.py migrate” makes it again.")
                % {"group": GROUPS[duty]}
            )
        return duty

    def _post_clean(self):
        # As in Django's own forms of users: a password is compared with the names, once these are set.
        super()._post_clean()
        password = self.cleaned_data.get("new_password")
        if password:
            try:
                validate_password(password, self.instance)
            except ValidationError as error:
                self.add_error("new_password", error)

    def save(self, commit=True):
        if self.cleaned_data["new_password"]:
            self.instance.set_password(self.cleaned_data["new_password"])
        self.instance.is_staff = True  # or the log-in would say that the password is wrong
        self.instance.is_superuser = self.cleaned_data["duty"] == Duty.OPERATOR
        return super().save(commit)

    def _save_m2m(self):
        super()._save_m2m()
        self.instance.groups.remove(*Group.objects.filter(name__in=GROUPS.values()))
        self.instance.groups.add(*Group.objects.filter(name=GROUPS.get(self.cleaned_data["duty"])))

    def sentences(self, is_new):
        is_active, changed = self.cleaned_data["is_active"], self.changed_data
        if is_new and is_active:
            yield _("%(name)s can log in now, as %(duty)s. Tell them the address and the password.")
        elif is_new:
            yield _("%(name)s is added as %(duty)s, and may not log in yet.")
        elif not {"is_active", "duty", "new_password"} & {*changed}:
            yield from super().sentences(is_new)
        else:
            if "is_active" in changed:
                yield _("%(name)s can log in again, as %(duty)s.") if is_active else SWITCHED_OFF
            elif "duty" in changed:
                yield _("%(name)s is %(duty)s from now on.")
            if "new_password" in changed:
                yield _("%(name)s has another password: tell it to them. They are logged out.")


@admin.register(User)
class ColleagueAdmin(admin.ModelAdmin):
    ordering = ["-is_active", Lower("username"), "pk"]
    search_fields = ["username", "first_name", "last_name"]
    readonly_fields = ["second_factor"]
    actions = None
    list_per_page = 50
    show_full_result_count = False

    class Media:
        css = {"all": ["admin/colleagues.css"]}

    def get_queryset(self, request):
        return with_facts(super().get_queryset(request))

    def get_urls(self):
        second_factor = self.admin_site.admin_view(self.second_factor_view)
        switch_off = self.admin_site.admin_view(require_POST(self.switch_off_view))
        return [
            path("<int:pk>/second-factor/", second_factor, name="colleague_second_factor"),
            path("<int:pk>/switch-off/", switch_off, name="colleague_switch_off"),
            *super().get_urls(),
        ]

    def lookup_allowed(self, lookup, value, request=None):
        return not lookup.startswith("password") and super().lookup_allowed(lookup, value, request)

    # Who may do what

    def has_add_permission(self, request):
        return is_editor(request.user) and super().has_add_permission(request)

    def has_change_permission(self, request, obj=None):
        allowed = is_editor(request.user) and super().has_change_permission(request)
        return allowed and (obj is None or obj == request.user or may_look_after(request.user, obj))

    def has_view_permission(self, request, obj=None):
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        allowed = is_editor(request.user) and super().has_delete_permission(request)
        return allowed and (obj is None or may_look_after(request.user, obj))

    def colleague_to_change(self, request, pk):
        """The colleague, locked, for a user who may look after them. Raises Http404, PermissionDenied.

        Who acts is locked, too, and has the rights of this moment: of two operators who switch each
        other off at once, the second one is refused.
        """
        pks = [request.user.pk, pk]
        rows = self.get_queryset(request).select_for_update().filter(pk__in=pks).order_by("pk")
        people = {row.pk: row for row in rows}
        if pk not in people:
            raise Http404
        if request.user.pk not in people or not may_look_after(people[request.user.pk], people[pk]):
            raise PermissionDenied
        return people[pk]

    # The list

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"list_title": _("Colleagues"), **(extra_context or {})})

    def get_changelist_instance(self, request):
        changelist = super().get_changelist_instance(request)
        for colleague in changelist.result_list:
            colleague.name = name_of(colleague)
            colleague.duty_label = Duty(colleague.duty).label if colleague.duty else ""
            colleague.may_be_opened = self.has_change_permission(request, colleague)
        return changelist

    # The form

    def get_form(self, request, obj=None, **kwargs):
        form = ColleagueForm if obj != request.user else NamesForm
        form = super().get_form(request, obj, **{"form": form, **kwargs})
        form.user = request.user
        return form

    def get_fieldsets(self, request, obj=None):
        names = NamesForm.Meta.fields
        if obj is None:
            return [(None, {"fields": [*names, "new_password", "duty", "is_active"]})]
        if obj != request.user:
            return [(None, {"fields": [*names, "new_password", "duty", "second_factor", "is_active"]})]
        own = _(
            "This is your own account: what you may do is for somebody else to change. Your password and "
            "your second factor have pages of their own, at the top."
        )
        return [(None, {"fields": names, "description": own})]

    @admin.display(description=_("Second factor"))
    def second_factor(self, colleague):
        if not colleague.has_second_factor:
            return _("off")
        url = reverse("admin:colleague_second_factor", args=[colleague.pk])
        return format_html('{} <a href="{}">{}</a>', _("on"), url, _("Switch it off for a lost phone"))

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return self._locked_changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # Somebody else took the name at this moment: the form says so.
            return self._locked_changeform_view(request, object_id, form_url, extra_context)

    def _locked_changeform_view(self, request, object_id, *args):
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, *args)
        with transaction.atomic():
            colleague = self.get_object(request, unquote(object_id))
            if colleague and colleague != request.user:
                self.colleague_to_change(request, colleague.pk)
            return super().changeform_view(request, object_id, *args)

    def render_change_form(self, request, context, *args, **kwargs):
        colleague = kwargs.get("obj")
        context |= {
            "title": name_of(colleague) if colleague else _("Add a colleague"),
            "bar": Bar(Button("_save", _("Save") if colleague else _("Add them")), [], []),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        words = {"name": name_of(obj)}
        if "duty" in form.cleaned_data:
            words["duty"] = form.cleaned_data["duty"].label
        text = " ".join(str(sentence) % words for sentence in form.sentences(is_new=not change))
        say(request, text, None if change else Way(_("Add another"), reverse("admin:auth_user_add")))

    def response_add(self, request, obj, post_url_continue=None):
        return redirect("admin:auth_user_changelist")

    def response_change(self, request, obj):
        return redirect("admin:auth_user_changelist")

    # Leaving

    def delete_view(self, request, object_id, extra_context=None):
        if request.method != "POST":
            return self._delete_view_or_reason(request, object_id, extra_context)
        with transaction.atomic():
            colleague = self.get_object(request, unquote(object_id))
            if colleague:
                self.colleague_to_change(request, colleague.pk)
            return self._delete_view_or_reason(request, object_id, extra_context)

    def _delete_view_or_reason(self, request, object_id, extra_context):
        colleague = self.get_object(request, unquote(object_id))
        may_delete = colleague and self.has_delete_permission(request, colleague)
        if may_delete and is_named_by_history(colleague):
            title = _("%(name)s cannot be deleted") % {"name": name_of(colleague)}
            return self._page(request, "stays.html", colleague, title=title)
        names = {"colleague_name": name_of(colleague), "subtitle": None} if colleague else {}
        return super().delete_view(request, object_id, names | (extra_context or {}))

    def response_delete(self, request, obj_display, obj_id):
        say(request, _("Deleted: %(name)s.") % {"name": obj_display})
        return redirect("admin:auth_user_changelist")

    def switch_off_view(self, request, pk):
        with transaction.atomic():
            colleague = self.colleague_to_change(request, pk)
            colleague.is_active = False  # which ends the sessions, too
            colleague.save(update_fields=["is_active"])
            self.log_change(request, colleague, _("Switched off."))
        say(request, SWITCHED_OFF % {"name": name_of(colleague)})
        return redirect("admin:auth_user_changelist")

    def second_factor_view(self, request, pk):
        """Switch off the second factor of somebody who has lost the phone and the codes."""
        if request.method != "POST":
            return self._ask_about_second_factor(request, pk)
        with transaction.atomic():
            colleague = self.colleague_to_change(request, pk)
            for device in devices_for_user(colleague, confirmed=None):
                device.delete()
            end_sessions(colleague)
            self.log_change(request, colleague, _("Switched the second factor off."))
        text = _(
            "The second factor of %(name)s is off, and they are logged out: the password alone logs them in "
            "until they set up another one."
        )
        say(request, text % {"name": name_of(colleague)})
        return redirect("admin:auth_user_changelist")

    def _ask_about_second_factor(self, request, pk):
        colleague = get_object_or_404(self.get_queryset(request), pk=pk)
        if not may_look_after(request.user, colleague):
            raise PermissionDenied
        title = _("Switch off the second factor of %(name)s?") % {"name": name_of(colleague)}
        return self._page(request, "second_factor.html", colleague, title=title)

    def _page(self, request, template, colleague, **context):
        """A page that asks something about `colleague`."""
        context |= self.admin_site.each_context(request)
        context |= {
            "opts": self.opts,
            "colleague": colleague,
            "name": name_of(colleague),
            "media": self.media,
        }
        return render(request, f"admin/auth/user/{template}", context)
