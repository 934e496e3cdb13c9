"""URLs of the press page, of editions and their files."""

from django.urls import path

from declaration.web import converters  # noqa: F401 - registers the converter `number`
from signatories.press import views

urlpatterns = [
    path("press/", views.press, name="press-press"),
    path("press/latest.pdf", views.latest, {"kind": "pdf"}, name="press-latest-pdf"),
    path("press/latest.csv", views.latest, {"kind": "csv"}, name="press-latest-csv"),
    path("press/latest.xlsx", views.latest, {"kind": "xlsx"}, name="press-latest-xlsx"),
    path("press/editions/", views.editions, name="press-editions"),
    path("press/editions/<number:number>/", views.edition, name="press-edition"),
    path("press/editions/<number:number>/signatories.pdf", views.file, {"kind": "pdf"}, name="press-edition-pdf"),
    path("press/editions/<number:number>/signatories.csv", views.file, {"kind": "csv"}, name="press-edition-csv"),
    path("press/editions/<number:number>/signatories.xlsx", views.file, {"kind": "xlsx"}, name="press-edition-xlsx"),
]
