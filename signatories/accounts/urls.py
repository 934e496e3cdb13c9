"""URLs of accounts that allauth does not bring."""

from django.urls import path

from signatories.accounts import views

urlpatterns = [
    path("invitation/<str:link>/", views.invitation, name="account-invitation"),
    path("sessions/", views.own_sessions, name="account-sessions"),
    path("sessions/end/", views.end_sessions, name="account-sessions-end"),
]
