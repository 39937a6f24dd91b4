import re

import pytest
from django.conf import settings
from django.core.management import call_command


@pytest.fixture
def collected(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "interviewprep.storage.MinifiedStaticFiles"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_each_style_sheet_is_served_with_its_rules_and_without_comments(collected):
    for source in (settings.BASE_DIR / "static/css").glob("*.css"):
        [hashed] = collected.glob(f"css/{source.stem}.????????????.css")
        text = hashed.read_text()
        assert text.count("{") == re.sub(r"/\*.*?\*/", "", source.read_text(), flags=re.DOTALL).count("{")
        assert "/*" not in text
        assert hashed.with_name(f"{hashed.name}.br").exists() or len(text) < 500
