"""Addresses of the press page and its files."""

from django.urls import path

from signatories.press import views

urlpatterns = [
    path("press/", views.press, name="press-press"),
    path("press/latest.pdf", views.latest, {"kind": "pdf"}, name="press-latest-pdf"),
    path("press/latest.csv", views.latest, {"kind": "csv"}, name="press-latest-csv"),
]
