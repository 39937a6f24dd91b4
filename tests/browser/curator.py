"""A curator's browser: logged in, with a console that is listened to."""

from django.conf import settings
from playwright.sync_api import expect

PASSWORD = "a long enough one"


def log_in(page, client, live_server, user):
    """Give `page` the session of `user` without the form."""
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])


def log_in_by_form(page, username="curator"):
    # The page gives its first field the focus; typing before that makes Chromium complain.
    expect(page.locator("#id_username")).to_be_focused()
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def listen(page):
    """What the console of `page` says from now on, blocked styles and scripts among it."""
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages
