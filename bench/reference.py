"""The reference server: the smallest possible view, and the smallest durable write."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

MAKE_TABLE = "CREATE TABLE bench_reference (id bigserial PRIMARY KEY, kept text NOT NULL, at timestamptz DEFAULT now())"
_ROW = "x" * 400  # about the size of a signup


def empty(_request: HttpRequest) -> HttpResponse:
    """Do nothing."""
    return HttpResponse(b"ok")


def insert(_request: HttpRequest) -> HttpResponse:
    """Insert one row, committed and on disk before the answer."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_reference (kept) VALUES (%s)", [_ROW])
    return HttpResponse(b"ok")


urlpatterns = [path("empty", empty), path("insert", insert)]
