"""Addresses of the own page."""

from django.urls import path

from signatories.mine import views

urlpatterns = [
    path("mine/", views.ask, name="mine-ask"),
    path("mine/asked/", views.asked, name="mine-asked"),
    path("mine/undo/<str:link>/", views.undo, name="mine-undo"),
    path("mine/<str:link>/", views.page, name="mine-page"),
    path("mine/<str:link>/elsewhere/", views.elsewhere, name="mine-elsewhere"),
    path("mine/<str:link>/withdraw/", views.withdraw, name="mine-withdraw"),
]
