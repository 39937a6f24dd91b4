"""Changes to published words: a Writer's form proposes them, an Editor's shows what waits."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from ..changes import ChangeSet
from ..differences import with_differences
from ..models import Status
from .documents import is_editor


class Proposals:
    """For the admin of questions: what a Writer saves of a published one becomes a proposal.

    The form opens with the words that wait: a Writer's own, or those of the proposal that an Editor
    opens by `?changeset=`. What the Editor saves then takes its place.
    """

    def only_proposes(self, request, question):
        """Whether what this user saves waits for an Editor."""
        return question is not None and question.status == Status.PUBLISHED and not is_editor(request.user)

    def opened_proposal(self, request, question):
        """The proposal whose words the form opens with, or None."""
        if question is None or not question.uid:
            return None
        proposals = ChangeSet.objects.filter(subject=question.uid).exclude(subject="")
        number = request.GET.get("changeset", "")
        if number.isdecimal():
            proposal = get_object_or_404(proposals, pk=number)
            is_theirs = is_editor(request.user) or proposal.author == request.user
            return proposal if is_theirs and proposal.state in ChangeSet.REVISABLE else None
        if is_editor(request.user):
            return None
        return proposals.proposals().filter(author=request.user).first()

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if change and (proposal := self.opened_proposal(request, obj)):
            form.waiting = proposal.changes.select_related("changeset").get()
        form.only_proposes = self.only_proposes(request, obj)
        return form

    def propose(self, request, form):
        """Keep what the form says as a proposal. Only Editors' buttons do anything else here."""
        if {"_publish", "_retire", "_send_back", "_review"} & request.POST.keys():
            raise PermissionDenied
        request.proposal = ChangeSet.objects.propose(
            request.user, form.instance.uid, form.document(), note=form.cleaned_data["note"]
        )

    def save_related(self, request, form, formsets, change):
        if not hasattr(request, "proposal"):
            super().save_related(request, form, formsets, change)

    def log_change(self, request, obj, message):
        if not hasattr(request, "proposal"):
            return super().log_change(request, obj, message)
        return None

    def response_change(self, request, obj):
        if not hasattr(request, "proposal"):
            return super().response_change(request, obj)
        if request.proposal is None:
            text = _("These are the public words, so there was nothing to propose.")
        else:
            text = _("Your change waits for an Editor. The words from before stay public until then.")
        self.message_user(request, text, messages.SUCCESS)
        return self.response_post_save_change(request, obj)

    def render_change_form(self, request, context, *args, **kwargs):
        question = kwargs.get("obj")
        opened = self.opened_proposal(request, question)
        waiting = []
        if question is not None and is_editor(request.user):
            proposals = ChangeSet.objects.filter(subject=question.uid, state=ChangeSet.State.PROPOSED)
            waiting = proposals.select_related("author").exclude(pk=opened and opened.pk).order_by("pk")
        context |= {"opened_proposal": opened, "waiting_proposals": with_differences(waiting)}
        return super().render_change_form(request, context, *args, **kwargs)
