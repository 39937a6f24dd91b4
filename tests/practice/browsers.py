"""Browsers with a learner's cookie."""

from django.test import Client

from practice.identity import COOKIE, signer


def browser_of(learner, **options):
    client = Client(**options)
    client.cookies[COOKIE] = signer().sign(learner.key)
    return client
