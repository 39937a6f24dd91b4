"""What the desk says after an act: one sentence, then the ways on."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .changes import REVIEW, Change, ChangeSet
from .documents import KINDS, Label
from .models import Question, Role, Status
from .recorded import Document

NAME_LENGTH = 90  # characters of a document's name in a sentence


class Way(NamedTuple):
    """A way on from a message: a link, or a button that posts to `url`."""

    label: Label
    url: str
    is_post: bool = False


def say(request: HttpRequest, sentence: str, *ways: Way | None, level: int = messages.SUCCESS) -> None:
    """Show `sentence` on the next page of the desk, with those `ways` that there are."""
    context = {"sentence": sentence, "ways": [way for way in ways if way]}
    messages.add_message(request, level, render_to_string("admin/_notice.html", context))


def say_done(request: HttpRequest, changeset: ChangeSet, row: Document | None = None) -> None:
    """Say what an applied change set did: to `row`, or to all that it changed."""
    change = row and changeset.changes.filter(kind=row.kind, uid=row.uid).first()
    if not change:
        say(request, f"{changeset}.", *ways_of_many(request.user, changeset))
        return
    reviewed = change.before and change.before.get("status") == Status.REVIEW
    proposal = changeset.supersedes.select_related("author").first()
    if proposal:
        facts = {"writer": proposal.author, "name": shortened(row)}
        text = _("Published “%(name)s” with what %(writer)s proposes; they see what you changed of it.")
        say(request, text % facts, public_way(change), undo_way(request.user, changeset), next_waiting())
        return
    say(
        request,
        sentence_of(change, changeset),
        public_way(change),
        undo_way(request.user, changeset),
        next_waiting() if reviewed and request.user.has_perm(REVIEW) else None,
    )


def say_undone(request: HttpRequest, changeset: ChangeSet, undo: ChangeSet) -> None:
    """Say that `undo` has taken `changeset` back; an undo that is undone makes the act again."""
    name = {"act": shortened(changeset.undoes or changeset)}
    text = _("Done again: “%(act)s”.") if changeset.undoes else _("Undone: “%(act)s”.")
    changes = list(undo.changes.all()[:2])
    public = public_way(changes[0]) if len(changes) == 1 else None
    say(request, text % name, public, *ways_of_many(request.user, undo))


def say_nothing_changed(request: HttpRequest, row: Document) -> None:
    say(request, _("“%(name)s” was saved already: nothing has changed.") % {"name": shortened(row)})


def ways_of_many(user: Any, changeset: ChangeSet) -> list[Way | None]:
    """The links to all that a change set changed, and to its undo."""
    count = changeset.changes.count()
    see = ngettext("See what it changed", "See all %(n)s", count) % {"n": count}
    return [Way(see, page_of(changeset)), undo_way(user, changeset, count)]


def undo_way(user: Any, changeset: ChangeSet, count: int = 1) -> Way | None:
    """The button that undoes `changeset`, for those who may."""
    if changeset.state != ChangeSet.State.APPLIED or not changeset.may_be_undone_by(user):
        return None
    url = reverse("admin:questions_changeset_act", args=[changeset.pk, "undo"])
    return Way(ngettext("Undo", "Undo all %(n)s", count) % {"n": count}, url, is_post=True)


def public_way(change: Change) -> Way | None:
    """The link to the public page of a document, if it has one after `change`."""
    rows: Any = KINDS[change.kind].model.objects
    row = rows.published().filter(uid=change.uid).first()
    return Way(_("See it in public"), row.get_absolute_url()) if row else None


def role_way(changeset: ChangeSet) -> Way | None:
    """The link to the one role that `changeset` made or changed: in public, or else at the desk."""
    changes = list(changeset.changes.filter(kind="role")[:2])
    if len(changes) != 1:
        return None
    if public := public_way(changes[0]):
        return public._replace(label=_("See the role in public"))
    role = Role.objects.filter(uid=changes[0].uid).first()
    if role is None:
        return None
    name = {"name": shortened(role, 40)}
    return Way(_("Go to the role “%(name)s”") % name, reverse("admin:questions_role_change", args=[role.pk]))


def next_waiting() -> Way | None:
    """The link to what has waited longest for an Editor."""
    proposal = ChangeSet.objects.waiting().first()
    if proposal:
        return Way(_("Next waiting: %(name)s") % {"name": shortened(proposal, 40)}, page_of(proposal))
    question = Question.objects.in_review().first()
    if question:
        url = reverse("admin:questions_question_change", args=[question.pk])
        return Way(_("Next waiting: %(name)s") % {"name": shortened(question, 40)}, url)
    return None


def page_of(changeset: ChangeSet) -> str:
    return reverse("admin:questions_changeset_change", args=[changeset.pk])


def shortened(row: object, length: int = NAME_LENGTH) -> str:
    return Truncator(str(row)).chars(length)


def sentence_of(change: Change, changeset: ChangeSet) -> str:
    """What `change` did to its document, for the one who did it."""
    name = {"name": shortened(change), "kind": change.kind_label}
    before, after = change.before, change.after
    if after is None:
        return _("Deleted “%(name)s”.") % name
    was, now = (document and document.get("status") for document in (before, after))
    if now != was:
        name |= _facts_of_question(change)
        return _sentence_of_status(name, changeset, was, now) % name
    if before is None:
        return _("Made the %(kind)s “%(name)s”.") % name
    if before["slug"] != after["slug"]:
        name |= {"old": before["slug"], "new": after["slug"]}
        return _("Saved “%(name)s”. Its address ends in “%(new)s” now; “%(old)s” leads there.") % name
    if change.is_public:
        return _("Saved “%(name)s”. Readers see it at once.") % name
    return _("Saved “%(name)s”. Readers do not see it yet.") % name


def _facts_of_question(change):
    """The public pages that show a question, and the one to which it leads once it is retired."""
    if change.kind != "question":
        return {"roles": "", "successor": ""}
    roles = Role.objects.published().filter(questions__uid=change.uid)
    successor = Question.objects.published().filter(uid=change.after.get("successor") or "").first()
    return {
        "roles": ", ".join(role.name for role in roles),
        "successor": shortened(successor) if successor else "",
    }


def _sentence_of_status(facts, changeset, was, now):
    """The sentence on a change of status, in which `%(name)s` stands for the document."""
    if now == Status.PUBLISHED:
        return _("Published “%(name)s” for %(roles)s.") if facts["roles"] else _("Published “%(name)s”.")
    if now == Status.RETIRED:
        if facts["successor"]:
            return _("Retired “%(name)s”. Its address leads to “%(successor)s”.")
        return _("Retired “%(name)s”. Readers no longer see it; its address says so.")
    if now == Status.REVIEW:
        return _("Sent “%(name)s” to review. An Editor decides about it.")
    if was == Status.REVIEW and changeset.note:
        return _("Sent back “%(name)s” with your note.")
    if was == Status.REVIEW:
        return _("Took “%(name)s” back from review: it is a draft again.")
    if was == Status.PUBLISHED:
        return _("Took “%(name)s” from the public: it is a draft again.")
    return _("Saved “%(name)s” as a draft. Readers do not see it yet.")


def came_from(request: HttpRequest) -> str:
    """The page of the desk that this request comes from, as a path; empty where it is none."""
    desk = reverse("admin:index")
    back = request.POST.get("back") or request.GET.get("back") or request.headers.get("Referer", "")
    host, secure = request.get_host(), request.is_secure()
    if not url_has_allowed_host_and_scheme(back, {host}, require_https=secure):
        return ""
    parts = urlsplit(back)
    is_page = parts.path.startswith(desk) and not parts.path.startswith(reverse("admin:login"))
    if not is_page or parts.path == request.path:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def came_from_list(request: HttpRequest) -> str:
    """The list, or the first page, that this request comes from, as a path; empty where it is none."""
    back = came_from(request)
    path = urlsplit(back).path
    below = path.removeprefix(reverse("admin:index")).strip("/")
    return back if path and (not below or below.count("/") <= 1) else ""
