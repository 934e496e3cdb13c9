#!/usr/bin/env python
"""The project's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from declaration import demo_environment

if __name__ == "__main__":
    demo_environment.join()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "declaration.settings")
    execute_from_command_line(sys.argv)
