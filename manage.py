#!/usr/bin/env python
"""The project's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from declaration.demo import environment as demo_environment

if __name__ == "__main__":
    demo_environment.join()
    os.environ["DATABASE_POOL_SIZE"] = "0"  # a pool and its short deadlines are for the web alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "declaration.settings")
    execute_from_command_line(sys.argv)
