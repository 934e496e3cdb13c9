"""URLs of news."""

from django.urls import path

from declaration.web import converters  # noqa: F401 - registers the converter `number`
from signatories.news import views
from signatories.news.feed import UpdateFeed

urlpatterns = [
    path("updates/", views.updates, name="news-updates"),
    path("updates/feed/", UpdateFeed(), name="news-feed"),
    path("updates/stop/<str:link>/", views.stop, name="news-stop"),
    path("updates/<number:number>/", views.update, name="news-update"),
]
