"""Codes that bring a learner to another browser: one for minutes and for once, one to write down.

They are made of the letters and digits of Crockford's base 32 (https://www.crockford.com/base32.html),
which leaves out I, L, O and U: what looks like another character is read as that. Only digests are kept.
Ten characters are 50 bits, so that nobody finds one of minutes by trying; tries are limited all the same.
"""

import re
import secrets
import unicodedata
from datetime import timedelta
from hashlib import sha256

from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import DeviceCode, Learner, WrongCode
from .refusals import MisspeltCode, SpentCode, TooManyCodes, UnknownCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ALIKE = str.maketrans("OIL", "011")
DEVICE, RECOVERY = 10, 20  # characters
GROUP = 5
LIFETIME = timedelta(minutes=10)  # of a code for a device
HOUR = timedelta(hours=1)
MOST_WRONG = 20  # codes of one network within an hour


def for_device(learner: Learner) -> str:
    """A new code with which one other browser becomes this learner's; one from before is void.

    Raises Learner.DoesNotExist.
    """
    code = _new(DEVICE)
    now = timezone.now()
    with learner.alone():
        DeviceCode.objects.filter(learner=learner, used=False).delete()
        DeviceCode.objects.filter(expires__lt=now - HOUR).delete()
        DeviceCode.objects.create(learner=learner, digest=_digest(code), expires=now + LIFETIME)
    return grouped(code)


def for_recovery(learner: Learner) -> str:
    """A new code to write down; the one from before is void. Raises Learner.DoesNotExist."""
    code = _new(RECOVERY)
    with learner.alone():
        Learner.objects.filter(pk=learner.pk).update(recovery=_digest(code))
    return grouped(code)


def find(text: str, network: str | None) -> Learner:
    """The learner to whom the code in `text` leads, however it is typed. Nothing is used up.

    `network` is that of the sender. Raises MisspeltCode, UnknownCode, SpentCode or TooManyCodes.
    """
    code = read(text)
    sender = salted_hmac("practice.codes", network or "", algorithm="sha256").hexdigest()
    if WrongCode.objects.filter(sender=sender, at__gt=timezone.now() - HOUR).count() >= MOST_WRONG:
        raise TooManyCodes
    try:
        return _learner_of(code)
    except UnknownCode:
        WrongCode.objects.filter(at__lte=timezone.now() - HOUR).delete()
        WrongCode.objects.create(sender=sender)
        raise


def spend(text: str) -> None:
    """Use up a code for a device; one for recovery stays good. Raises SpentCode where another was faster."""
    code = read(text)
    if len(code) == DEVICE and not _good().filter(digest=_digest(code)).update(used=True):
        raise SpentCode


def read(text: str) -> str:
    """The characters of a code as they were made. Raises MisspeltCode."""
    code = unicodedata.normalize("NFKC", text).upper().translate(ALIKE)
    code = re.sub(r"[\s\-‐-―]", "", code)
    if len(code) not in (DEVICE, RECOVERY) or not set(code) <= set(ALPHABET):
        raise MisspeltCode
    return code


def grouped(code: str) -> str:
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def _learner_of(code):
    digest = _digest(code)
    if len(code) == RECOVERY:
        learner = Learner.objects.filter(recovery=digest).first()
    else:
        learner = Learner.objects.filter(devicecodes__digest=digest).first()
    if learner is None:
        raise UnknownCode
    if len(code) == DEVICE and not _good().filter(digest=digest).exists():
        raise SpentCode
    return learner


def _good():
    return DeviceCode.objects.filter(used=False, expires__gt=timezone.now())


def _new(length):
    return "".join(secrets.choice(ALPHABET) for _character in range(length))


def _digest(code):
    # Of what is random by 50 or 100 bits no slow hash is needed, and none by the site's secret: a recovery
    # code has to be good after a new one.
    return sha256(code.encode()).hexdigest()
