"""What a learner's request cannot have; each says in its text what to do."""

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Nothing was changed; `status` is that of the answer."""

    status = 400
    text = _("This cannot be done. Nothing was changed.")

    def __str__(self):
        return str(self.text)


class NotTheirs(Refused):
    """A row of another learner, or one that is not there: which of both is not told."""

    status = 404
    text = _("There is no such review of yours. Nothing was changed; go on from your practice page.")


class NotThere(Refused):
    """Nothing that is public has this name."""

    status = 404
    text = _("There is no such page in the bank any more.")


class NotAsked(Refused):
    """What was sent cannot be read, or nothing was asked for."""

    text = _("This cannot be read, so nothing was changed. Load the page again, and then try once more.")


class Unreadable(Refused):
    """The cookie was cut, changed, or made by another site."""

    text = _(
        "What this browser keeps as the key to your practice cannot be read here, so nothing was shown and "
        "nothing was changed."
    )
