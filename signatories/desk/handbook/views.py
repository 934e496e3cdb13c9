"""The organizers' handbook at the desk: docs/organizers.md with its pictures, as it stands beside this code."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from signatories.desk.access import needs
from signatories.models.organizer import Power

_DOCS = settings.BASE_DIR / "docs"
_markdown = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["smartquotes", "table"])


@require_safe
@needs(Power.LOOK_AT_NUMBERS)
def handbook(request: HttpRequest) -> HttpResponse:
    """Show the handbook. Its pictures are beside its address here; documents for whoever runs the server are not."""
    words = (_DOCS / "organizers.md").read_text(encoding="utf-8")
    title, _line, body = words.removeprefix("# ").partition("\n")
    body = re.sub(r"\[([^]]+)\]\([\w/-]+\.(?:md|csv)[^)]*\)", r"*\1*", body)
    body = re.sub(r"\]\(organizers/(\w+)\.png\)", r"](\1/)", body)
    html = mark_safe(_markdown.render(body))  # noqa: S308 - our own file
    return render(request, "desk/handbook/handbook.html", {"title": title, "html": html})


@require_safe
@needs(Power.LOOK_AT_NUMBERS)
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """Return one of its pictures. The path converter `slug` keeps `name` from leading to another folder."""
    path = _DOCS / "organizers" / f"{name}.png"
    if not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="image/png")
