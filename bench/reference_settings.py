"""Settings of the reference server: those of the product, without middleware."""

from declaration.settings import *  # noqa: F403 - the same database, pool and server

INSTALLED_APPS = []
MIDDLEWARE = []
ROOT_URLCONF = "bench.reference"
