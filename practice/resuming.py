"""Where a learner goes on: in a role's page, and from home."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from questions.models import Placement, Role
from questions.parts import size_of_parts

from .identity import PATH
from .marks import by_slug
from .models import Card, Learner, Mark, Review
from .refusals import NotThere

ROLE = "question__placements__role"


def of_role(learner: Learner, slug: str) -> dict[str, Any]:
    """The marks of a role's questions, and the ways on. Raises NotThere."""
    role = Role.objects.published().with_counts().filter(slug=slug).first()
    if role is None:
        raise NotThere
    cards = learner.cards.published().filter(**{ROLE: role}).order_by("last_review", "pk")
    rows = list(cards.values_list("question__slug", "rating", "question__uid"))
    marks = by_slug(row[:2] for row in rows)
    told: dict[str, Any] = {"marks": marks}
    if size_of_parts(role.question_count) < role.question_count:  # its page shows a part of them only
        address = f"{reverse('practice_unknown')}?{urlencode({'role': slug})}"
        told["unknown"] = {"address": address, "total": role.question_count}
    ways = [_practise(learner, gettext("Practise"))]
    if placement := rows and _next(learner, role, rows[-1][2]):
        text = gettext("Go on at question %(n)s") % {"n": placement.number}
        ways.insert(0, _way(placement.address, text, _marked(len(marks), placement.total)))
    return told | {"ways": ways}


def of_home(learner: Learner, _value: str = "") -> dict[str, Any]:
    """How many of each mark every role has; the ways on, the first one into the role of the last mark."""
    counts = _counts(learner)
    role, uid = _role_of_last(learner, counts)
    ways = [_practise(learner, gettext("Practise what is due"))]
    if placement := role and _next(learner, role, uid):
        text = gettext("Go on with %(role)s at question %(n)s") % {"role": role, "n": placement.number}
        ways.insert(0, _way(placement.address, text, ""))
    roles = {slug: {"counts": n, "told": _told(sum(n))} for slug, n in counts.items()}
    return {"roles": roles, "ways": ways}


def _way(address, text, note):
    return {"address": address, "text": text, "note": note}


def _practise(learner, text):
    """The way to what comes back before the learner's day ends."""
    number = learner.cards.due(learner.calendar.midnight).count()
    note = ngettext("%(n)s due today", "%(n)s due today", number) % {"n": number}
    return _way(PATH, text, note if number else gettext("nothing due today"))


def _marked(number, total):
    return gettext("%(n)s of %(total)s marked") % {"n": number, "total": total}


def _told(number):
    """What is said after “30 questions”."""
    return ngettext(", %(n)s of them marked", ", %(n)s of them marked", number) % {"n": number}


def _next(learner: Learner, role: Role, uid: str) -> Placement | None:
    """The first question of `role` without a mark after the question `uid`; else the first of all."""
    placements = role.placements.published().order_by("position", "pk")
    marked = Card.objects.filter(learner=learner, question=OuterRef("question__uid"))
    unmarked = placements.filter(~Exists(marked)).select_related("question")
    last = placements.filter(question__uid=uid).first()
    placement = (last and unmarked.filter(_after(last)).first()) or unmarked.first()
    if placement:
        before = placements.exclude(_after(placement)).count()
        placement.role, placement.number, placement.total = role, before, role.question_count
    return placement


def _after(placement):
    return Q(position__gt=placement.position) | Q(position=placement.position, pk__gt=placement.pk)


def _counts(learner):
    """`{slug of a role: [not yet, shaky, knew it]}`"""
    # The roles' own status is not asked of the database, which would begin at all their questions.
    cards = learner.cards.filter(question__placements__rank__gt=0)
    slugs = dict(Role.objects.published().values_list("pk", "slug"))
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(Mark))
    for role, rating, number in cards.values_list(ROLE, "rating").annotate(n=Count("*")):
        if role in slugs:
            counts[slugs[role]][Mark.of(rating) - 1] += number
    return counts


def _role_of_last(learner, counts):
    """The role, of those with the question that was marked last, that has most marks; and the question."""
    newest = Review.objects.standing().filter(learner=learner).order_by("-at", "-pk")
    uid = newest.values_list("question", flat=True).first()
    roles = Role.objects.published().with_counts().filter(placements__question__uid=uid)
    return max(roles, key=lambda role: sum(counts[role.slug]), default=None), uid
