"""What is asked about an import: its columns, as what it comes in, and the words of an item."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .. import text as texts
from ..fields import LineField, LinesField, MarkdownField
from ..imported import Import
from ..importing import OF_FILE, Choices
from ..importing.assembling import first_category
from ..importing.candidates import is_described
from ..markdown import MAX_LENGTH
from ..models import Difficulty, Role, Status
from ..readers import Columns
from ..readers.columns import best_roles
from .documents import is_editor


class KeyForm(forms.Form):
    """By which name the page asks how far the reading is."""

    key = forms.SlugField(max_length=32, required=False)


class ColumnsForm(forms.Form):
    """What each column of a table holds, where its first row does not say."""

    ROLES = [
        ("", _("leave it out")),
        ("question", _("question")),
        ("answer", _("answer")),
        ("difficulty", _("difficulty")),
        ("topics", _("topics")),
        ("key_points", _("key points")),
        ("explanation", _("explanation, below the answer")),
        ("uid", _("id of the source")),
        *((f"option {letter}", _("option %(letter)s") % {"letter": letter}) for letter in "abcdef"),
        ("correct", _("the right option")),
    ]
    REPEATED = frozenset({"answer", "topics", "key_points", "explanation"})  # are joined
    has_head = forms.BooleanField(label=_("The first row names the columns"), required=False)

    def __init__(self, *args, names, width, **kwargs):
        super().__init__(*args, **kwargs)
        self.width = width
        known = best_roles(names)
        self.fields["has_head"].initial = any(known)
        guesses = known if any(known) else ["question", "answer"]
        for number in range(width):
            label = _("Column %(n)s") % {"n": number + 1}
            guess = guesses[number] if number < len(guesses) else ""
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=label, choices=self.ROLES, required=False, initial=guess
            )

    def columns_fields(self):
        return [self[f"column-{number}"] for number in range(self.width)]

    def clean(self):
        roles = [self.cleaned_data.get(f"column-{number}") for number in range(self.width)]
        if "question" not in roles:
            raise forms.ValidationError(_("Say which column holds the questions."))
        labels = dict(self.ROLES)
        for role in [role for role in labels if role and role not in self.REPEATED]:
            if roles.count(role) > 1:
                text = _("Only one column can hold this: %(role)s.")
                raise forms.ValidationError(text % {"role": labels[role]})

    def columns(self) -> Columns:
        roles = [self.cleaned_data[f"column-{number}"] for number in range(self.width)]
        return Columns(roles, self.cleaned_data["has_head"])


class ChoicesForm(forms.Form):
    """As what the items come in. A Writer's are drafts, in no role."""

    status = forms.ChoiceField(label=_("Status"))
    role = forms.ChoiceField(label=_("Place in"), required=False)
    name = forms.CharField(
        label=_("Name of the new role"),
        max_length=140,
        required=False,
        help_text=_("Its page adds “interview questions and answers” itself."),
    )
    category = forms.CharField(
        label=_("Its category"),
        max_length=100,
        required=False,
        help_text=_("One that is not there yet is made."),
        widget=forms.TextInput(attrs={"list": "categories"}),
    )
    makes_topics = forms.BooleanField(label=_("Make the topics that are missing"), required=False)

    def __init__(self, *args, row: Import, user, **kwargs):
        kwargs.setdefault("initial", _initial_choices(row))
        super().__init__(*args, **kwargs)
        self.is_editor = is_editor(user)
        statuses = [(Status.DRAFT, _("drafts")), (Status.REVIEW, _("in review"))]
        if not self.is_editor:
            for name in ("role", "name", "category", "makes_topics"):
                del self.fields[name]
        else:
            statuses.append((Status.PUBLISHED, _("published")))
            self.fields["role"].choices = self.roles(row)
            if row.role is None:
                del self.fields["name"], self.fields["category"]
        self.fields["status"].choices = statuses
        for field in self.fields.values():
            field.widget.attrs["form"] = "choose"

    def roles(self, row):
        choices = [("", _("no role"))]
        if row.role:
            choices.append((OF_FILE, self.label_of_role(row)))
        roles = Role.objects.exclude(status=Status.RETIRED).values_list("uid", "name")
        return [*choices, *((uid, _("%(role)s, at the end") % {"role": name}) for uid, name in roles)]

    def label_of_role(self, row):
        values = row.role["values"]
        is_there = Role.objects.filter(uid=row.role["uid"]).exists()
        said = _("%(name)s, brought up to date") if is_there else _("%(name)s, a new role")
        said %= {"name": values["name"]}
        if not is_described(values):
            return said
        steps, tips = len(values["steps"]), len(values["tips"])
        steps = ngettext("%(n)s step", "%(n)s steps", steps) % {"n": steps}
        tips = ngettext("%(n)s tip", "%(n)s tips", tips) % {"n": tips}
        return f"{said}: {steps}, {tips}"

    def clean_category(self):
        return texts.line(self.cleaned_data["category"])

    def choices(self) -> Choices:
        values = {name: self.cleaned_data[name] for name in self.fields}
        return Choices(**{"makes_topics": self.is_editor} | values)


def _initial_choices(row):
    if row.role is None:
        return row.choices
    values = row.role["values"]
    if role := Role.objects.filter(uid=row.role["uid"]).select_related("category").first():
        values = {"name": role.name, "category": role.category.name}  # as it is called by now
    return row.choices | {
        "name": row.choices.get("name") or values["name"],
        "category": row.choices.get("category") or values["category"] or first_category(),
    }


class ItemForm(forms.Form):
    """The words of an item before it comes in."""

    question = LineField(max_length=300).formfield(
        label=_("Question"), widget=forms.Textarea(attrs={"rows": 1, "class": "grows one-line"})
    )
    answer = MarkdownField(html="", blank=True).formfield(
        label=_("Answer"), required=False, widget=forms.Textarea(attrs={"rows": 6, "class": "grows"})
    )
    difficulty = forms.ChoiceField(
        label=_("Difficulty"),
        choices=[*Difficulty.choices, ("", _("none"))],
        required=False,
        widget=forms.RadioSelect,
    )
    key_points = LinesField(blank=True).formfield(label=_("Key points, one to a line"), required=False)
    topics = forms.CharField(label=_("Topics, with commas between them"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args, is_whole=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["question"].max_length = None  # too long a one is judged, and kept
        self.fields["question"].validators = []
        self.fields["key_points"].label = _("Key points, one to a line")
        if is_whole:  # its topics are those of its own bank
            del self.fields["topics"]

    def values(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in self.fields if name != "seen"}
        if "topics" in values:
            values["topics"] = [name for name in map(texts.line, values["topics"].split(",")) if name]
        return values


def form_of(row) -> ItemForm:
    document = row.document
    text = document.get("answer", "")
    initial = {
        "question": document.get("question", ""),
        "answer": text[:MAX_LENGTH],
        "difficulty": document.get("difficulty", ""),
        "key_points": document.get("key_points", []),
        "topics": ", ".join(row.topics),
        "seen": row.digest,
    }
    form = ItemForm(initial=initial, is_whole=row.item.get("whole", False))
    if len(text) > MAX_LENGTH:
        form.fields["answer"].label = _("Answer: its first %(n)s characters, more cannot come in") % {
            "n": MAX_LENGTH
        }
    return form
