"""URLs of cards with a name: a card has one address, in the language in which its signer made it."""

from django.urls import path

from signatories.sharing import card_views

urlpatterns = [
    path("<str:token>.png", card_views.picture, name="sharing-card"),
    path("<str:token>/", card_views.page, name="sharing-card-page"),
]
