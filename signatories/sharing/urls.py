"""Addresses of what others may show."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from signatories.sharing import views
from signatories.sharing.embeds import EMBEDS


class EmbedConverter(StringConverter):
    """One of the embeds."""

    regex = "|".join(EMBEDS)


class PictureConverter(StringConverter):
    """A format of a picture."""

    regex = "|".join(views.PICTURES)


register_converter(EmbedConverter, "embed")
register_converter(PictureConverter, "picture_format")

urlpatterns = [
    path("embed/", views.guide, name="sharing-guide"),
    path("embed/<embed:kind>/", views.embed, name="sharing-embed"),
    path("embed/<embed:kind>.<picture_format:format_>", views.picture, name="sharing-picture"),
]
