"""Django as a WSGI application that reads every request as UTF-8."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "declaration.settings")
_django = get_wsgi_application()
_CHARSET = re.compile(r"(?i);\s*charset\*?\d*\*?\s*=[^;]*")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Call Django without the request's charset, so that it reads all requests as UTF-8, as our pages send them.

    Otherwise Django decodes with any codec of Python: utf-7 gives lone surrogates, hex fails before any middleware.
    """
    environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    return _django(environ, start_response)
