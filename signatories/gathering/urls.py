"""Addresses of invitations."""

from django.urls import path

from signatories.gathering import views

urlpatterns = [
    path("invited/<str:link>/", views.invited, name="gathering-invited"),
    path("invited/<str:link>/no/", views.no, name="gathering-no"),
]
