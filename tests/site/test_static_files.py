import re
from base64 import b64encode
from hashlib import sha384

import pytest
from django.conf import settings
from django.core.management import call_command

from interviewprep.templatetags.site import digest_of


@pytest.fixture
def collected(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "interviewprep.storage.CompactStaticFiles"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_each_style_sheet_is_served_whole_but_without_comments(collected):
    for source in (settings.BASE_DIR / "static/css").glob("*.css"):
        [hashed] = collected.glob(f"css/{source.stem}.????????????.css")
        rules = re.sub(r"/\*.*?\*/", "", source.read_text(), flags=re.DOTALL)
        served = hashed.read_text()
        assert "/*" not in served
        files = r"url\([^)]*\)"  # whose names have got a hash
        assert re.sub(files, "", served).split() == re.sub(files, "", rules).split()


def test_each_script_is_refused_by_browsers_where_it_was_changed(collected, client, db):
    digest_of.cache_clear()
    try:
        page = client.get("/").content.decode()
    finally:
        digest_of.cache_clear()
    scripts = re.findall(r'<script[^>]* src="/static/([^"]+)"\s+integrity="sha384-([^"]+)"', page)
    assert len(scripts) == len(re.findall(r"<script[^>]* src=", page)) > 0
    for name, digest in scripts:
        assert b64encode(sha384((collected / name).read_bytes()).digest()).decode() == digest
