"""URLs of the press page, of editions and their files."""

from django.urls import path

from declaration.web import converters  # noqa: F401 - registers the converter `number`
from signatories.press import check_views, early_views, list_files, plot_views, presence_views, verify_views, views  # noqa: F401 - registers `list_file` and `file_format`
from signatories.press.feed import EditionFeed

urlpatterns = [
    path("press/", views.press, name="press-press"),
    path("press/early/<str:link>/", early_views.early, name="press-early"),
    path("press/latest.<file_format:format_>", views.latest, name="press-latest"),
    path("press/cite.txt", views.cite, name="press-cite"),
    path("press/plots/<slug:slug>.<plot_format:format_>", plot_views.plot, name="press-plot"),
    path("press/verification/", check_views.how_we_verify, name="press-verification"),
    path("press/sample/", check_views.sample_names, name="press-sample"),
    path("press/verify/", verify_views.verify, name="press-verify"),
    path("press/presence/", presence_views.look_up, name="press-presence"),
    path("press/editions/", views.editions, name="press-editions"),
    path("press/editions/feed/", EditionFeed(), name="press-feed"),
    path("press/editions/<number:number>/", views.edition, name="press-edition"),
    path("press/editions/<number:number>/SHA256SUMS", views.sums, name="press-edition-sums"),
    path("press/editions/<number:number>/SHA256SUMS.sig", views.sums_signature, name="press-edition-signature"),
    path("press/editions/<number:number>/<list_file:wanted>.tsr", views.time_stamp, name="press-edition-stamp"),
    path("press/editions/<number:number>/<list_file:wanted>", views.file, name="press-edition-file"),
]
