"""A process that visits the pages of practice, as learners drawn at random: see `bench.visits`.

An address has behind a `#` the cookie of its visitor.
"""

from random import Random

from bench.visits import Visits, main

LEARNERS = 60
CARDS = 50  # that a learner rates in turn
SHORT, LONG = 30, 200  # questions of a role


class LearnerVisits(Visits):
    def addresses(self):
        """`{page: addresses}`, of each page one for each learner."""
        from django.urls import reverse

        short, long = role_of(SHORT), role_of(LONG)
        marks = reverse("practice_marks")
        pages = {
            "overview": reverse("practice"),
            "progress": reverse("practice_progress"),
            "shelf": reverse("practice_shelf"),
            "fragment of home": f"{marks}?home=1",
            f"fragment of a role of {SHORT}": f"{marks}?role={short.slug}",
            f"fragment of a role of {LONG}": f"{marks}?role={long.slug}",
            "fragment of a question": f"{marks}?question={short.placements.published()[0].question.slug}",
            "fragment of a topic": f"{marks}?topic={topic().slug}",
        }
        cookies = [cookie(learner) for learner in drawn(LEARNERS)]
        found = {page: [f"{address}#{each}" for each in cookies] for page, address in pages.items()}
        return found | {"session": [self._session(each) for each in cookies]}

    def raters(self, number):
        """Of so many learners: the primary key, the cookie, and the questions of some cards."""
        return [[learner.pk, cookie(learner), questions_of(learner)] for learner in drawn(number)]

    def reviews(self, pks):
        """How many rows these learners have."""
        from practice.models import Review

        return Review.objects.filter(learner__in=pks).count()

    def wrong_cards(self, pks):
        """How many cards of these learners are not what their reviews give."""
        from practice.checking import differences
        from practice.models import Learner

        return len(list(differences(Learner.objects.filter(pk__in=pks))))

    def _session(self, cookie):
        from django.urls import reverse

        self._practise_as(cookie)
        response = self._reader.get(reverse("practice_start"))
        return f"{response['Location']}#{cookie}"

    def _get(self, address):
        path, _sign, cookie = address.partition("#")
        self._practise_as(cookie)
        return super()._get(path)

    def _practise_as(self, cookie):
        from practice.identity import COOKIE

        self._reader.cookies[COOKIE] = cookie


def drawn(number):
    from practice.models import Learner

    pks = list(Learner.objects.values_list("pk", flat=True))
    chosen = Random(1).sample(pks, min(number, len(pks)))
    return list(Learner.objects.filter(pk__in=chosen))


def questions_of(learner):
    """`[slug, primary key]` of the questions of some cards."""
    cards = learner.cards.published().order_by("pk")
    return list(cards.values_list("question__slug", "question__pk")[:CARDS])


def role_of(size):
    """The role of about so many questions."""
    from questions.models import Role

    roles = Role.objects.published().with_counts()
    return min(roles, key=lambda role: (abs(role.question_count - size), role.pk))


def topic():
    """The largest one."""
    from django.db.models import Count

    from questions.models import Topic

    return Topic.objects.published().annotate(n=Count("questions")).order_by("-n", "pk")[0]


def cookie(learner):
    """What the learner's browser sends as the cookie of practice."""
    from django.http import HttpRequest, HttpResponse

    from practice import identity

    request, response = HttpRequest(), HttpResponse()
    request.learner = learner
    identity.keep(request, response)
    return response.cookies[identity.COOKIE].value


if __name__ == "__main__":
    main(LearnerVisits)
