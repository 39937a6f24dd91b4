"""Which release of the site this is: pages of one are never taken for pages of another."""

from hashlib import blake2b

from django.conf import settings

_MADE_OF = ["[!.]*/**/*.py", "templates/**/*.html", "locale/**/*.mo", "staticfiles/staticfiles.json"]


def release():
    """A digest of code, templates, translations and the manifest of static files, in 16 hex digits."""
    digest = blake2b(digest_size=8)
    for pattern in _MADE_OF:
        for path in sorted(settings.BASE_DIR.glob(pattern)):
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()
