"""The form of a document: it refuses to overwrite what others saved, and asks before it does much."""

from operator import attrgetter

from django import forms
from django.utils.translation import gettext_lazy

from ..changes import Change
from ..documents import KINDS, Key, as_plain
from ..recording import recorder
from .acts import STATUS_OF_BUTTON, Gate
from .conflicts import Meeting


def fieldsets_of(kind: str) -> list[tuple]:
    """The fieldsets of the form of a kind of document, as its keys declare them."""
    lines_by_group: dict[str, list] = {}
    for key in KINDS[kind].keys:
        lines = lines_by_group.setdefault(key.group, [])
        if isinstance(key, Key):
            _add_field(lines, key)
        elif not key.ordered:  # an ordered list is an inline
            lines.append(key.name)
    return [(group or None, {"fields": lines}) for group, lines in lines_by_group.items()]


def _add_field(lines, key):
    name = key.field or key.name
    if name == "status":  # buttons change it
        return
    if not key.beside:
        lines.append(name)
    elif isinstance(lines[-1], tuple):
        lines[-1] = (*lines[-1], name)
    else:
        lines[-1] = (lines[-1], name)


_NOT_NOW = gettext_lazy("Nothing was saved: what you pressed is not for what is “%(status)s” by now.")


class DocumentForm(forms.ModelForm):
    """Refuses to overwrite what somebody else saved after this form was opened."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version that was opened
    request = None  # which learns of a conflict, for the rows of the inlines
    buttons: frozenset[str] = frozenset()  # those that the bar of the form has
    gate: Gate | None = None  # what is asked before the document is saved
    conflict: Meeting | None = None  # what somebody else has saved since the form was opened
    proposed_change = None  # a Change whose words the form opens with, in place of those that are saved

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.status_before = getattr(self.instance, "status", None) if self.instance.pk else None
        self.fields["base"].initial = self.instance.version
        if self.proposed_change:
            self._open_with(self.proposed_change)
        if self.is_bound and self.instance.pk:
            self._choose()

    def is_valid(self):
        return super().is_valid() and self.gate is None and self.conflict is None

    def asks(self) -> Gate | None:
        """What to ask before the button that was pressed does what it says; None: nothing."""
        return None

    def document(self) -> dict:
        """The document that the form describes, once it is valid."""
        kind = KINDS[self.instance.kind]
        document = dict(kind.read([self.instance.uid])[self.instance.uid].document)
        for key, name in kind.fields.items():
            document[key] = as_plain(getattr(self.instance, name))
        for section in kind.sections:
            rows = self.cleaned_data.get(section.name)
            if rows is not None:
                document[section.name] = [row.uid for row in rows]
        return document

    def _open_with(self, change):
        kind = KINDS[self.instance.kind]
        document = change.after
        # Not the version that is saved now: else a save would take back, unseen, what was saved since.
        self.fields["base"].initial = self.initial["base"] = change.base
        for key, name in kind.fields.items():
            if key in document:
                self.initial[name] = document[key]
        for section in kind.sections:
            if section.name in self.fields and section.refers:
                rows = KINDS[section.refers].model.objects.filter(uid__in=document.get(section.name, []))
                self.initial[section.name] = list(rows)
        if change.base != self.instance.version and not self.is_bound:
            self._join_proposed(change, kind.read([self.instance.uid])[self.instance.uid])

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            kind, uid = self.instance.kind, self.instance.uid
            recorder().touch(kind, [uid])  # locks the row until this save is finished
            saved = recorder().saved(kind, uid)
            opened_version = cleaned.get("base")
            if saved.version != opened_version:
                opened = Change.objects.document_at(kind, uid, opened_version)
                self._join_typed(opened, saved.document or {}, saved.version)
        # The document gets the status of the button that was pressed, and is validated with that.
        if self.pressed and self.pressed not in self.buttons and not self.conflict:
            self.add_error(None, _NOT_NOW % {"status": self.instance.get_status_display()})
        elif self.pressed and hasattr(self.instance, "status"):
            self.instance.status = STATUS_OF_BUTTON[self.pressed]
        return cleaned

    @property
    def pressed(self) -> str:
        """The button that sets a status and was pressed; empty if it was another one."""
        return next((button for button in STATUS_OF_BUTTON if button in self.data), "")

    def _post_clean(self):
        super()._post_clean()
        gate = None if self.errors or self.conflict else self.asks()
        if gate and self.data.get(self.pressed) != gate.digest:
            self.gate = gate

    # What somebody else has saved meanwhile is joined with what this form holds.

    def _join_typed(self, opened, saved, version):
        """Take over what they alone changed. The next save starts from `version`, and overwrites it."""
        typed = {key: self._typed(key, name) for key, name in self._names().items()}
        self.conflict = Meeting.of(self.instance, opened, saved, typed, self._names())
        if self.request:
            self.request.conflict = self.conflict
        self.data = self.data.copy()
        self.data["base"] = version
        for side in filter(attrgetter("name"), self.conflict.taken):
            self._take(side.key, side.name, saved)

    def _join_proposed(self, change, saved):
        """The same for a proposal that the form opens with."""
        opened = Change.objects.document_at(change.kind, change.uid, change.base)
        self.conflict = Meeting.of(self.instance, opened, saved.document, change.after, self._names())
        self.fields["base"].initial = self.initial["base"] = saved.version
        for side in filter(attrgetter("name"), self.conflict.taken):
            self.initial[side.name] = self._form_value(side.key, side.name, saved.document)

    def _names(self) -> dict[str, str]:
        """`{key: name of the form's field}` of what has one."""
        kind = KINDS[self.instance.kind]
        names = dict(kind.fields) | {
            section.name: section.name for section in kind.sections if section.refers
        }
        return {key: name for key, name in names.items() if name in self.fields}

    def _typed(self, key, name):
        value = self.cleaned_data.get(name)
        if key in KINDS[self.instance.kind].fields:
            return as_plain(value)
        return sorted(row.uid for row in value or [])

    def _form_value(self, key, name, document):
        """What the field holds where the document is `document`."""
        kind = KINDS[self.instance.kind]
        refers = kind.references.get(key)
        if not refers:
            return self.fields[name].prepare_value(document.get(key))
        uids = document.get(key) or []
        rows = KINDS[refers].model.objects.filter(uid__in=uids if isinstance(uids, list) else [uids])
        pks = list(rows.values_list("pk", flat=True))
        return pks if isinstance(uids, list) else next(iter(pks), "")

    def _take(self, key, name, document):
        """Put what `document` holds of `key` in the place of what was typed."""
        value = self._form_value(key, name, document)
        if isinstance(value, list):
            self.data.setlist(self.add_prefix(name), [str(pk) for pk in value])
        else:
            self.data[self.add_prefix(name)] = value

    def _choose(self):
        """Take over what was chosen to be theirs on the page of a conflict."""
        names = self._names().items()
        chosen = {key: name for key, name in names if chosen_side(self.data, name) == "theirs"}
        if chosen:
            saved = KINDS[self.instance.kind].read([self.instance.uid])[self.instance.uid].document
            self.data = self.data.copy()
            for key, name in chosen.items():
                self._take(key, name, saved)


def chosen_side(data, name: str) -> str:
    """Whose words were chosen for a field that the page of a conflict asked about: theirs or mine."""
    return data.get("choose-all") or data[f"choose-{name}"] if f"choose-{name}" in data else ""
