"""The rows of a document's lists, as inlines of its form: read once, and validated where they changed."""

from django import forms

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
