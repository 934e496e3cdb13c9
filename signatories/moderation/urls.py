"""Addresses of the desk."""

from django.urls import path

from signatories.moderation import views

urlpatterns = [
    path("", views.queue, name="desk"),
]
