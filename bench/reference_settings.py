"""What the reference server runs with: the product's settings, but nothing around the view."""

from declaration.settings import *  # noqa: F403 - the same database, pool and server

INSTALLED_APPS = []
MIDDLEWARE = []
ROOT_URLCONF = "bench.reference"
