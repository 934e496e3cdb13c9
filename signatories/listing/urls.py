"""URLs of the public list."""

from django.urls import path

from declaration.web import converters  # noqa: F401 - registers the converter `number`
from signatories.listing import views

urlpatterns = [
    path("signatories/", views.listing, name="listing-list"),
    path("signatories/<number:number>/", views.signature, name="listing-signature"),
    path("corrections/", views.report, name="listing-report"),
    path("corrections/sent/", views.reported, name="listing-reported"),
]
