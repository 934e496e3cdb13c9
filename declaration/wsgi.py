"""The WSGI application, served by granian."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "declaration.settings")
_django = get_wsgi_application()
_CHARSET = re.compile(r"(?i);\s*charset\*?\d*\*?\s*=[^;]*")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Run Django, and let it read every request as UTF-8, as all our pages send it.

    Without this it decodes by the charset that the request claims, with any codec of Python: utf-7 gives lone
    surrogates, hex fails before any middleware.
    """
    environ["CONTENT_TYPE"] = _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
    return _django(environ, start_response)
