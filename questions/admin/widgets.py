"""The fields of the desk's forms: Markdown with a preview, lines that grow, and pickers."""

from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect, AutocompleteSelectMultiple
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from .. import markdown
from .. import text as texts


class MarkdownWidget(AdminTextareaWidget):
    """A text area with a preview by the site's own renderer."""

    template_name = "admin/markdown_widget.html"

    def __init__(self, attrs=None):
        count = _("{words} words, {characters} of 50,000 characters")
        counted = {"data-characters": f"0-{markdown.MAX_LENGTH}", "data-count": count}
        super().__init__(counted | (attrs or {}))

    class Media:
        js = ["admin/counters.js", "admin/markdown-preview.js"]
        css = {"all": ["admin/markdown-preview.css"]}

    def get_context(self, name, value, attrs):
        context = {"preview": reverse("admin:markdown_preview"), "has_help": name in {"answer", "intro"}}
        return super().get_context(name, value, attrs) | context


class GrowingLine(AdminTextareaWidget):
    """One line of text in a field that shows all of it: what is entered as several lines becomes one."""

    def __init__(self, attrs=None):
        super().__init__({"rows": 1, "class": "vLargeTextField grows one-line"} | (attrs or {}))


@require_POST
def preview_markdown(request):
    """The HTML of the Markdown `text`, as the site would show it, below a list of what is lost of it."""
    text = texts.clean(request.POST.get("text", ""))
    shown = text[: markdown.MAX_LENGTH]
    losses = markdown.lost(shown)
    if shown != text:
        reason = _("here end the %(most)s characters that a text may have")
        losses.append((shown.count("\n") + 1, reason % {"most": markdown.MAX_LENGTH}))
    return HttpResponse(_warning_of(losses) + markdown.render(shown))


def _warning_of(losses):
    losses = [(_("Line %(line)s") % {"line": line}, reason) for line, reason in losses]
    if not losses:
        return ""
    return format_html('<ul class="lost">{}</ul>', format_html_join("", "<li>{}: {}</li>", losses))


class _KeysOnly:
    """Shows the chosen rows, and nothing for what is no primary key: Django's own widget raises."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if is_key(key)], attr)


def is_key(text) -> bool:
    """Whether a row may have `text` as its primary key, a number of at most 63 bits."""
    return str(text).isdecimal() and len(str(text)) < 19


class _KnowsChosen(_KeysOnly):
    """A select that knows the rows that are `chosen`, for which Django would query the database again."""

    chosen = ()

    def optgroups(self, name, value, attr=None):
        rows = {str(row.pk): row for row in self.chosen}
        if not value or set(value) - rows.keys():
            return super().optgroups(name, value, attr)
        options = [
            self.create_option(name, key, str(rows[key]), True, place) for place, key in enumerate(value)
        ]
        return [(None, options, 0)]


class Autocomplete(_KnowsChosen, AutocompleteSelect):
    pass


class AutocompleteMultiple(_KnowsChosen, AutocompleteSelectMultiple):
    pass


class Autocompleted:
    """For an admin or an inline whose `autocomplete_fields` get the widgets above."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Without the buttons that change, delete and show what a field refers to."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for right in ("can_change_related", "can_delete_related", "can_view_related"):
            if field and hasattr(field.widget, right):
                setattr(field.widget, right, False)
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", AutocompleteMultiple(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)
