"""JSON: whole documents, one to a line, in the format of `readers/schema.json`."""

import json
from typing import BinaryIO

from django.conf import settings
from django.urls import reverse

from .export import BankExport


def write(export: BankExport, file: BinaryIO) -> None:
    schema = json.dumps(f"{settings.SITE_URL}{reverse('schema')}")
    file.write(f'{{"$schema": {schema}, "documents": ['.encode())
    between = "\n"
    for kind, uid, document in export.items():
        line = json.dumps({"kind": kind, "id": uid, **(document or {})}, ensure_ascii=False)
        file.write(f"{between}{line}".encode())
        between = ",\n"
    file.write(b"\n]}\n")
