"""URLs of accounts: those that allauth does not bring, and those of allauth that are closed."""

from django.urls import path, reverse_lazy
from django.views.generic import RedirectView

from signatories.accounts import views

urlpatterns = [
    path("invitation/<str:link>/", views.invitation, name="account-invitation"),
    path("sessions/", views.own_sessions, name="account-sessions"),
    path("sessions/end/", views.end_sessions, name="account-sessions-end"),
    # The address of an account is changed by administrators alone, and is verified by the invitation.
    path("email/", views.to_home),
    path("confirm-email/", views.to_home),
    path("confirm-email/<str:key>/", views.to_home),
    # An account from the command line may have no password: its first one is set as every new one.
    path("password/set/", RedirectView.as_view(url=reverse_lazy("account_reset_password"))),
]
