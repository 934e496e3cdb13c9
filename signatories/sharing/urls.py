"""Addresses of what others may show."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from signatories.sharing import card_views, views
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
    path("card.png", card_views.preview, name="sharing-preview"),
    path("with/<slug:slug>/card.png", card_views.preview_of_partner, name="sharing-preview-partner"),
    path("code.svg", card_views.code, name="sharing-code"),
    path("mine/<str:link>/card/", card_views.own_card, name="mine-card"),
]
