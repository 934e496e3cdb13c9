"""Addresses of a signer's own data."""

from django.urls import path

from signatories.privacy import views

urlpatterns = [
    path("invited/<str:link>/data.json", views.invitee_json, name="gathering-data-json"),
    path("mine/<str:link>/data/", views.data, name="mine-data"),
    path("mine/<str:link>/data.json", views.data_json, name="mine-data-json"),
]
