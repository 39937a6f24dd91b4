"""All of it to take along, back in, and gone."""

from io import BytesIO

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from questions.writers import OF_PAGES

from .. import identity
from ..data import Everything, read, write
from ..deck import Deck
from ..joining import predict, take_in
from ..refusals import Refused


class FileForm(forms.Form):
    """A file of practice; in `status` what to answer if it is none."""

    file = forms.FileField(
        label=_("The file"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
        error_messages=dict.fromkeys(["required", "invalid"], _("Choose the file that you took along.")),
    )

    def __init__(self, request):
        is_sent = request.method == "POST"
        super().__init__(
            request.POST if is_sent else None, request.FILES if is_sent else None, label_suffix=""
        )
        self.status = 400 if is_sent else 200

    def clean_file(self) -> Everything:
        file = self.cleaned_data["file"]
        if file.size > settings.PRACTICE_MAX_SIZE:
            self.status = 413
            raise forms.ValidationError(_("This file is larger than anything that is taken in here."))
        try:
            return read(file.read())
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    def take_in(self, request):
        """Add what the file holds to the learner of `request`, who may come to be by it. Raises Elsewhere."""
        everything = self.cleaned_data["file"]
        predict(everything)  # before anybody has to wait for the transaction
        with identity.writing(request, **everything.settings) as learner:
            return take_in(learner, everything)


@require_http_methods(["GET", "HEAD", "POST"])
def data(request):
    """Offers the files; takes in one that is sent. To send one again does no harm."""
    form, outcome = FileForm(request), None
    if form.is_valid():
        try:
            outcome = form.take_in(request)
        except Refused as refusal:
            form.status = refusal.status
            form.add_error("file", str(refusal))
    counts = request.learner.counts() if request.learner else None
    status = 200 if outcome else form.status
    context = {"form": form, "outcome": outcome, "counts": counts}
    return render(request, "practice/data.html", context, status=status)


@require_safe
def download(request):
    """All that is kept, as JSON."""
    return _file(request, write(identity.needed(request)), "json", "application/json")


@require_safe
def deck(request):
    """The questions of the learner, for Anki."""
    file, kind = BytesIO(), OF_PAGES["apkg"]
    kind.write(Deck(identity.needed(request)), file)
    return _file(request, file.getvalue(), kind.ending, kind.content_type)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request):
    """Says what there is; sent, deletes it."""
    if request.method == "POST":
        identity.needed(request).delete()
        request.learner = None
        return redirect(f"{request.path}?done")
    counts = request.learner.counts() if request.learner else None
    return render(request, "practice/delete.html", {"counts": counts, "is_done": "done" in request.GET})


def _file(request, content, ending, content_type):
    response = HttpResponse(content, content_type=content_type)
    name = f"interview-prep-practice-{request.learner.today}.{ending}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    return response
