"""The order of the rows of an inline: a number that is typed, or that a script writes, moves a row."""


class Ordered:
    """For the admin of a document whose inlines are lists in order."""

    def save_formset(self, request, form, formset, change):
        """Save the rows that changed, then write all positions of the list together, from 1 to n."""
        formset.save(commit=False)
        if not formset.has_changed():
            return
        for row in formset.deleted_objects:
            row.delete()
        for row, changed_fields in formset.changed_objects:
            if changed_fields != ["position"]:
                row.save()
        for row in formset.new_objects:
            row.save()
        formset.model.objects.renumber([row.pk for row in rows_in_order(formset)])


def rows_in_order(formset) -> list:
    """The rows of a formset by position; a row that was given a number comes before the one that had it."""
    moves = {}
    for form in formset.forms:
        if "position" in form.changed_data and form.instance.pk and form.instance.position is not None:
            moves[form.instance.pk] = (form.initial.get("position") or 0, form.instance.position)

    def place(numbered):
        number, row = numbered
        old, new = moves.get(row.pk, (row.position or number, row.position or number))
        # Moved up: before the row at that number. Moved down: after it, as that row moves up by one.
        direction = (new > old) - (new < old)
        return new, direction, number

    rows = formset.model.objects.filter(**{formset.fk.name: formset.instance})
    return [row for _number, row in sorted(enumerate(rows, start=1), key=place)]
