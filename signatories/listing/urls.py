"""URLs of the public list."""

from django.urls import path

from declaration.web import converters  # noqa: F401 - registers the converter `number`
from signatories.listing import corrections, views

urlpatterns = [
    path("signatories/", views.listing, name="listing-list"),
    path("signatories/<number:number>/", views.signature, name="listing-signature"),
    path("report/", views.report, name="listing-report"),
    path("report/sent/", views.reported, name="listing-reported"),
    path("corrections/", corrections.log_or_report, name="listing-corrections"),
    path("corrections/feed/", corrections.LogFeed(), name="listing-corrections-feed"),
]
