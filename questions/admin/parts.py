"""The rows of a document's lists, as inlines of its form: read once, and validated where they changed."""

from django import forms

from ..documents import as_plain
from .widgets import is_key


class KnownRow(forms.ModelChoiceField):
    """A choice of a row that asks the database only when it is another row than `known_row`."""

    known_row = None

    def to_python(self, value):
        if self.known_row is not None and str(value) == str(self.known_row.pk):
            return self.known_row
        return super().to_python(value)


class PartForm(forms.ModelForm):
    """A row of an inline. What has not changed was validated when it was saved, and costs no query."""

    def _get_validation_exclusions(self):
        excluded = super()._get_validation_exclusions()
        if self.instance.pk:
            excluded |= set(self.fields) - set(self.changed_data)
        return excluded


class KnownRows:
    """For an inline whose `known` field refers to rows that are read with its own."""

    known: str

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(self.known)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == self.known:
            kwargs["form_class"] = KnownRow
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.known = self.known
        return formset


class PartFormSet(forms.BaseInlineFormSet):
    """The rows of an inline, which are read once for the whole page."""

    known = ""  # see KnownRows
    keeps_deleted = True  # whether a row that somebody else has deleted is made again, as what was typed

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.data = self._without_deleted_rows()

    def _without_deleted_rows(self):
        """The data, in which rows that are gone by now are new ones, or left out."""
        count, key = self._sent("INITIAL_FORMS"), self.model._meta.pk.name
        pks = [self.data.get(f"{self.prefix}-{row}-{key}", "") for row in range(count)]
        here = {str(row.pk) for row in self.get_queryset()}
        gone = [row for row, pk in enumerate(pks) if is_key(pk) and pk not in here]
        if not gone:
            return self.data
        stay = [row for row in range(count) if row not in gone]
        new = list(range(count, self._sent("TOTAL_FORMS")))
        new += [
            row for row in gone if self.keeps_deleted and not self.data.get(f"{self.prefix}-{row}-DELETE")
        ]
        data = self.data.copy()
        for name in self.data:
            if name.removeprefix(f"{self.prefix}-").partition("-")[0].isdecimal():
                del data[name]
        for place, row in enumerate([*stay, *new]):
            before = f"{self.prefix}-{row}-"
            for name in self.data:
                if name.startswith(before) and not (row in gone and name == before + key):
                    data.setlist(
                        f"{self.prefix}-{place}-{name.removeprefix(before)}", self.data.getlist(name)
                    )
        data[f"{self.prefix}-INITIAL_FORMS"] = len(stay)
        data[f"{self.prefix}-TOTAL_FORMS"] = len(stay) + len(new)
        return data

    def _sent(self, name):
        number = self.data.get(f"{self.prefix}-{name}", "")
        return min(int(number), self.absolute_max) if is_key(number) else 0

    def total_form_count(self):
        """No more than the rows that were sent: the number beside them may say anything."""
        total = super().total_form_count()
        if not self.is_bound:
            return total
        numbers = (name.removeprefix(f"{self.prefix}-").partition("-")[0] for name in self.data)
        return min(total, 1 + max((int(number) for number in numbers if is_key(number)), default=-1))

    def add_fields(self, form, index):
        super().add_fields(form, index)
        name = self._pk_field.name
        primary_key = form.fields[name]
        field = KnownRow(
            primary_key.queryset, initial=primary_key.initial, required=False, widget=forms.HiddenInput
        )
        if form.instance.pk:
            field.known_row = form.instance
        form.fields[name] = field
        if self.known and form.instance.pk and self.known in form.fields:
            form.fields[self.known].known_row = getattr(form.instance, self.known)
            # Within the admin's wrapper of the widget.
            form.fields[self.known].widget.widget.chosen = [form.fields[self.known].known_row]


def entries_of(formset, section) -> list:
    """What the rows that were sent make of a list, in its order, as far as the form has its fields."""
    rows = []
    for place, form in enumerate(formset.forms):
        if not form.is_valid() or form in formset.deleted_forms or not form.cleaned_data:
            continue
        values = form.cleaned_data
        entry = (
            as_plain(values[section.match])
            if section.refers
            else {name: values[name] for name in section.fields if name in values}
        )
        rows.append((values.get("position") or len(formset.forms), place, entry))
    return [entry for _position, _place, entry in sorted(rows, key=lambda row: row[:2])]


def shown_part(entries: list, section, formset) -> list:
    """The entries of a document with those of their fields that the form has."""
    if section.refers:
        return entries
    fields = [name for name in section.fields if name in formset.form.base_fields]
    return [{name: entry[name] for name in fields} for entry in entries]


def without_rows(data, prefix: str):
    """The data of a form, with a list that is not touched."""
    data = data.copy()
    data[f"{prefix}-TOTAL_FORMS"] = data[f"{prefix}-INITIAL_FORMS"] = "0"
    return data
