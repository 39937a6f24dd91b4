#!/usr/bin/env python
"""Runs a command of the site: `python manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import DatabaseError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interviewprep.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings need mending: {error}")
    except DatabaseError:
        from interviewprep.database import problem

        if not (sentence := problem()):
            raise
        sys.exit(sentence)
