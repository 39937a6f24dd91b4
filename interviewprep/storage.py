"""Static files as they are served: without comments, named by their content, compressed."""

import re

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# No string of our style sheets holds a comment or a line break. The minifiers that pip can install
# break selectors such as “.body :is(a)” inside a container query.
_COMMENTS_AND_INDENTS = re.compile(rb"/\*.*?\*/|^\s+", re.DOTALL | re.MULTILINE)


def compact(css: bytes) -> bytes:
    return _COMMENTS_AND_INDENTS.sub(b"", css)


class CompactStaticFiles(CompressedManifestStaticFilesStorage):
    """Style sheets lose their comments and indentation when they are collected: a tenth of their weight."""

    def _save(self, name, content):
        if name.endswith(".css"):
            content.seek(0)  # Django has read it for its hash
            content = ContentFile(compact(content.read()))
        return super()._save(name, content)
