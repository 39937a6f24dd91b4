"""Links: addresses that are dead, doubtful or moved, by role, and what a curator can do about each."""

from collections.abc import Iterable
from itertools import groupby, islice
from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from ..documents import KINDS
from ..links import Link, Users
from ..looks import Looker
from ..models import Role
from ..notices import Way, came_from, say, ways_of_many
from ..refusals import Refusal
from .confirming import FEW, Confirmation, groups_of
from .documents import SeenByCurators, is_editor, report_refusal

PER_PAGE = 50
SHOWN = 5  # documents of a link; a link of more names how many
SECONDS = 5  # of a look in a request, which holds one of the few threads of the desk


class LinkFilter(forms.Form):
    """What the page lists. A value that is unknown is told, and does not count."""

    STATES = [
        ("", _("all")),
        *((state.value, state.label) for state in Link.LISTED),
        ("accepted", _("found fine by a person")),
    ]

    state = forms.ChoiceField(label=_("State"), choices=STATES, required=False)
    role = forms.ChoiceField(label=_("Role"), required=False)

    def __init__(self, roles: list[Role], *args, **kwargs):
        super().__init__(*args, **kwargs, label_suffix="")
        self.roles = {role.slug: role for role in roles}
        self.fields["role"].choices = [("", _("any role")), *((role.slug, role) for role in roles)]

    @property
    def role_chosen(self) -> Role | None:
        return self.roles.get(self.cleaned_data.get("role"))

    def links(self):
        """The links of the state that was chosen."""
        state = self.cleaned_data.get("state")
        if state == "accepted":
            return Link.objects.accepted()
        return Link.objects.listed().filter(state=state) if state else Link.objects.listed()


class UsedBy(NamedTuple):
    """A document that leads to an address, and the places in it."""

    name: str
    url: str
    labels: list[str]


class Entry(NamedTuple):
    """A link of the page, with the roles that it is in."""

    link: Link
    roles: list[Role]
    documents: list[UsedBy]
    more: int  # documents that are not shown

    @property
    def role(self) -> Role | None:
        return self.roles[0] if self.roles else None


@admin.register(Link)
class LinkAdmin(SeenByCurators):
    def get_urls(self):
        act = self.admin_site.admin_view(require_POST(self.act_view))
        return [path("act/<int:pk>/<str:verb>/", act, name="questions_link_act"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return redirect("admin:questions_link_changelist")  # the list shows all that there is to see

    def changelist_view(self, request, extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        roles = list(Role.objects.only("uid", "slug", "name"))
        filter_form = LinkFilter(roles, request.GET)
        filter_form.is_valid()
        links = filter_form.links()
        users = links.users()
        rows = in_order(links, users, roles, filter_form.role_chosen)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "filter_form": filter_form,
            "filter_query": request.GET.urlencode(),
            "counts": Link.objects.counts(),
            "last_look": Link.objects.aggregate(last=Max("looked_at"))["last"],
            "page": page,
            "groups": by_role(entries(page.object_list, users)),
            "may_act": is_editor(request.user),
        }
        return render(request, "admin/questions/links.html", context | (extra_context or {}))

    def act_view(self, request, pk, verb):
        if verb not in {"take", "accept", "list", "look"}:
            raise Http404
        if not is_editor(request.user):
            raise PermissionDenied
        link = Link.objects.filter(pk=pk).first()
        if link is None:
            text = _("Nothing was changed: that address is not in the bank any more.")
            say(request, text, level=messages.WARNING)
        elif page := getattr(self, f"_{verb}")(request, link):
            return page
        return redirect(came_from(request) or "admin:questions_link_changelist")

    def _take(self, request, link):
        """Take the new address; ask first where it is another one than was shown, or many take it."""
        try:
            changes = link.changes_of_new_address()
            is_as_shown = request.POST.get("new_address") == link.new_address
            if len(changes) > FEW or not is_as_shown:
                confirmation = self._confirmation(request, link, changes)
                if not confirmation.is_given_by(request):
                    return confirmation.page(request, self)
            changeset = link.take_new_address(request.user, changes)
        except Refusal as refusal:
            report_refusal(request, refusal)
        else:
            say(request, f"{changeset}.", *ways_of_many(request.user, changeset))
        return None

    def _confirmation(self, request, link, changes) -> Confirmation:
        return Confirmation(
            title=_("Take the new address?"),
            summary=f"{link.address} → {link.new_address}",
            button=_("Take the new address"),
            act=f"take {link.pk} {link.new_address}",
            versions=[(change.kind, change.uid, change.base) for change in changes],
            groups=groups_of(changes),
            hidden=[("new_address", link.new_address)],
            back=came_from(request),
        )

    def _accept(self, request, link):
        Link.objects.filter(pk=link.pk, state=link.state).update(accepted=True)
        text = _("Found fine by you, until a look finds it in another state: %(address)s")
        url = f"{reverse('admin:questions_link_changelist')}?state=accepted"
        say(request, text % {"address": link}, Way(_("All that were found fine"), url))

    def _list(self, request, link):
        Link.objects.filter(pk=link.pk).update(accepted=False)
        say(request, _("Listed again: %(address)s") % {"address": link})

    def _look(self, request, link):
        link.save_look(Looker(seconds=SECONDS, pause=0).look(link.address))
        facts = [link.get_state_display(), link.reason, link.new_address]
        text = _("Looked again: %(address)s is %(facts)s.")
        facts = ", ".join(filter(None, map(str, facts)))
        say(request, text % {"address": link, "facts": facts})


def in_order(links, users, roles: list[Role], chosen: Role | None) -> list[tuple[int, list[Role]]]:
    """`(pk, roles)` of `links`, by the first of their roles and then by state; those of no role come last.

    With a `chosen` role, only those that are in it.
    """
    in_roles = links.roles(users, roles)
    places = {role: place for place, role in enumerate(roles)}
    states = {state: place for place, state in enumerate(Link.LISTED)}
    rows = []
    for pk, state, address in links.order_by().values_list("pk", "state", "address"):
        of_link = sorted(in_roles.get(pk, ()), key=lambda role: (role != chosen, places[role]))
        if chosen is None or chosen in of_link:
            first = places[of_link[0]] if of_link else len(places)
            rows.append(((first, states[state], address), pk, of_link))
    return [(pk, of_link) for _place, pk, of_link in sorted(rows, key=lambda row: row[0])]


def entries(rows: Iterable[tuple[int, list[Role]]], users: dict[int, Users]) -> list[Entry]:
    """The rows of one page, with the documents that use each link."""
    rows = list(rows)
    links = Link.objects.in_bulk([pk for pk, _roles in rows])
    documents = used_by({pk: dict(islice(users.get(pk, {}).items(), SHOWN)) for pk, _roles in rows})
    return [
        Entry(links[pk], roles, documents[pk], max(0, len(users.get(pk, {})) - SHOWN))
        for pk, roles in rows
        if pk in links
    ]


def by_role(of_page: list[Entry]) -> list[tuple[Role | None, list[Entry]]]:
    return [(role, list(group)) for role, group in groupby(of_page, key=lambda entry: entry.role)]


def used_by(users: dict[int, Users]) -> dict[int, list[UsedBy]]:
    """`{link's pk: its documents}`, in one query for each kind."""
    rows = {}
    for kind, schema in KINDS.items():
        if uids := {uid for keys in users.values() for of, uid in keys if of == kind}:
            found = schema.model.objects.filter(uid__in=uids).only("uid", schema.model.named_by)
            rows |= {(kind, row.uid): row for row in found.order_by()}
    return {
        link: [
            UsedBy(
                str(rows[key]),
                reverse(f"admin:questions_{key[0]}_change", args=[rows[key].pk]),
                [str(KINDS[key[0]].label_of_place(place)) for place in places],
            )
            for key, places in of_link.items()
            if key in rows
        ]
        for link, of_link in users.items()
    }
