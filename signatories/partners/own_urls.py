"""URLs of the page of a partner's own people. Their language is that of the browser, as on pages of accounts."""

from django.urls import path, re_path

from signatories.partners import own_views

urlpatterns = [
    path("", own_views.own, name="partner-own"),
    path("channels/", own_views.add_channel, name="partner-channel"),
    path("channels/<int:pk>/remove/", own_views.remove_channel, name="partner-channel-remove"),
    path("channels/<int:pk>/code.svg", own_views.code, name="partner-code"),
    re_path(
        r"^channels/(?P<pk>[0-9]{1,18})/(?P<which>handout|poster)/$", own_views.ask_sheet, name="partner-sheet-ask"
    ),
    path("sheets/<int:pk>.pdf", own_views.sheet, name="partner-sheet"),
    path("numbers.csv", own_views.numbers_file, name="partner-numbers"),
]
