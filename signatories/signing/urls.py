"""Addresses of signing."""

from django.urls import path

from signatories.signing import views

urlpatterns = [
    path("sign/", views.sign, name="signing-sign"),
    path("sign/for/", views.represent, name="signing-represent"),
    path("sign/group/", views.group, name="signing-group"),
    path("sign/sent/", views.sent, name="signing-sent"),
    path("sign/rehearsed/", views.rehearsed, name="signing-rehearsed"),
    path("confirm/", views.code, name="signing-code"),
    path("confirm/<str:link>/", views.confirm, name="signing-confirm"),
    path("stop/<str:link>/", views.stop, name="signing-stop"),
]
