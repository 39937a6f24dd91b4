"""Changes to published words: a Writer's form proposes them, an Editor's form shows those that wait."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..changes import ChangeSet
from ..differences import with_differences
from ..models import Status
from ..notices import Way, page_of, say, shortened
from .documents import is_editor
from .widgets import is_key


class Proposals:
    """For the admin of questions: what a Writer saves of a published one becomes a proposal.

    The form opens with proposed words: a Writer's own, or those of the proposal that an Editor opens
    by `?changeset=`. What the Editor saves then replaces the proposal.
    """

    def only_proposes(self, request, question) -> bool:
        """Whether what this user saves waits for an Editor."""
        return question is not None and question.status == Status.PUBLISHED and not is_editor(request.user)

    def opened_proposal(self, request, question) -> ChangeSet | None:
        """The proposal whose words the form opens with, or None; a request that only reads asks once."""
        if question is None or not question.uid:
            return None
        if request.method != "GET":
            return self._opened_proposal(request, question)
        if not hasattr(request, "opened_proposal"):
            request.opened_proposal = self._opened_proposal(request, question)
        return request.opened_proposal

    def _opened_proposal(self, request, question):
        proposals = ChangeSet.objects.filter(subject=question.uid).exclude(subject="")
        proposals = proposals.select_related("author", "reviewer")
        number = request.GET.get("changeset", "")
        if is_key(number):
            return self._requested_proposal(request.user, proposals, number)
        if is_editor(request.user):
            return None
        return proposals.proposals().filter(author=request.user).first()

    def _requested_proposal(self, user, proposals, number):
        proposal = get_object_or_404(proposals, pk=number)
        may_open = is_editor(user) or proposal.author == user
        return proposal if may_open and proposal.state in ChangeSet.REVISABLE else None

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if change and (proposal := self.opened_proposal(request, obj)):
            form.proposed_change = proposal.changes.select_related("changeset").get()
        form.only_proposes = self.only_proposes(request, obj)
        return form

    def propose(self, request, form):
        """Save what is in the form as a proposal. Every other button of this form is for Editors."""
        if "_review" in request.POST:
            raise PermissionDenied
        request.proposal = ChangeSet.objects.propose(
            request.user, form.instance.uid, form.document(), note=form.cleaned_data["note"]
        )

    def save_related(self, request, form, formsets, change):
        if not hasattr(request, "proposal"):
            super().save_related(request, form, formsets, change)

    def log_change(self, request, obj, message):
        if hasattr(request, "proposal"):
            return None
        return super().log_change(request, obj, message)

    def response_change(self, request, obj):
        if not hasattr(request, "proposal"):
            return super().response_change(request, obj)
        if request.proposal is None:
            say(request, _("These are the public words, so there was nothing to propose."))
        else:
            take_back = reverse("admin:questions_changeset_act", args=[request.proposal.pk, "discard"])
            say(
                request,
                _("Proposed “%(name)s”. Readers see the words from before until an Editor publishes yours.")
                % {"name": shortened(obj)},
                Way(_("See what you changed"), page_of(request.proposal)),
                Way(_("Take it back"), take_back, is_post=True),
            )
        return redirect(self.page_after_save(request, obj))

    def render_change_form(self, request, context, *args, **kwargs):
        question = kwargs.get("obj")
        opened = self.opened_proposal(request, question)
        context |= {
            "opened_proposal": opened,
            "waiting_proposals": self._waiting_proposals(request.user, question, opened),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _waiting_proposals(self, user, question, opened):
        """The proposals for `question` that an Editor has to decide on, without the one that is open."""
        if question is None or not is_editor(user):
            return []
        proposals = ChangeSet.objects.filter(subject=question.uid, state=ChangeSet.State.PROPOSED)
        if opened:
            proposals = proposals.exclude(pk=opened.pk)
        return with_differences(proposals.select_related("author").order_by("pk"))
