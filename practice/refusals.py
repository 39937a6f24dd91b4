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


class Gone(Refused):
    """The learner was deleted, or joined with another one, while the request was under way."""

    status = 410
    text = _(
        "What this browser kept was deleted a moment ago, or moved together with what another device keeps. "
        "Nothing else was changed."
    )


class Nobody(Refused):
    """Something was wanted of a learner, and there is none."""

    text = _("Nothing is kept with this browser yet. It begins with the first question that you mark.")


class MisspeltCode(Refused):
    text = _(
        "A code has 10 characters, a recovery code has 20, all of them letters and digits. Compare it with "
        "the one that you were shown."
    )


class UnknownCode(Refused):
    status = 404
    text = _(
        "There is no such code. Compare it with the one that you were shown; if you made another one since, "
        "only the newest is good."
    )


class SpentCode(Refused):
    status = 410
    text = _(
        "This code was used already, or its ten minutes are over. Make a new one on the other device, under "
        "“Move to another device”."
    )


class TooManyCodes(Refused):
    status = 429
    text = _("There were too many wrong codes from your network. Wait an hour, then try once more.")


class Elsewhere(Refused):
    text = _(
        "Some of these reviews are kept here already, with another browser. If that is yours, make a code "
        "there under “Move to another device”, or enter your recovery code. Nothing was taken in."
    )
