"""What the first visitors need is loaded before they come.

In the rush, those who meet a process that has just started would load the same views, tables and words at once, in
threads that share one processor, while each holds a connection to the database: sixteen took 3.3 s instead of 0.7 s,
and the last ones were told to try again (docs/decisions/0043-warm-start.md).
"""

from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.db import Error, connections
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation

from declaration.database.kept import Kept
from declaration.models import Text
from signatories.identity import mailbox
from signatories.screening import watch_list
from signatories.signing.forms import SignForm

_FOLDERS = ("", "components", "django/forms", "listing", "mine", "signing")  # of the pages that strangers see
_SOMEBODY = {
    "name": "Somebody", "email": "somebody@declaration.example", "profession": "singer", "country": "IE",
    "affiliation": "", "appearance": "named",
}  # fmt: skip


def warm_up() -> None:
    """Load views, templates of public pages and the words of every language; read a form, of which nothing is stored.

    A database that does not answer holds nothing up: then the first visitors find out.
    """
    _ = get_resolver().url_patterns
    root = Path(settings.BASE_DIR) / "templates"
    for folder in _FOLDERS:
        for file in sorted((root / folder).glob("*.html")):
            get_template(str(file.relative_to(root)))
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("language")
    mailbox.domain_of(_SOMEBODY["email"])
    mailbox.digest(_SOMEBODY["email"])
    with suppress(Error):
        Kept.ask_all()
        watch_list.current()
        if text := Text.objects.current(settings.LANGUAGE_CODE):
            form = SignForm(_SOMEBODY, current=text)
            form.is_valid()
            form.as_p()
    connections.close_all()
