"""Browsers with a learner's cookie."""

from django.core.signing import get_cookie_signer
from django.test import Client

from practice.identity import COOKIE, PATH


def browser_of(learner, **options):
    client = Client(**options)
    client.cookies[COOKIE] = get_cookie_signer(salt=COOKIE + PATH).sign(learner.key)
    return client
