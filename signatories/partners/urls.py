"""URLs of partners: their public pages, and the page of their own."""

from django.urls import path, re_path

from signatories.partners import views

urlpatterns = [
    path("partners/", views.partners, name="partners-list"),
    path("with/<slug:slug>/", views.page, name="partners-page"),
    re_path(r"^with/(?P<slug>[a-z0-9-]+)/(?P<sha256>[0-9a-f]{64})\.png$", views.logo, name="partners-logo"),
]
