"""URLs of the members of groups."""

from django.urls import path

from signatories.groups import views

urlpatterns = [
    path("join/<str:link>/", views.join, name="signing-join"),
    path("mine/<str:link>/members/", views.members, name="mine-members"),
    path("mine/<str:link>/members/remove/", views.remove, name="mine-members-remove"),
    path("mine/<str:link>/join/", views.stand_under, name="mine-join"),
    path("mine/<str:link>/leave/", views.leave, name="mine-leave"),
]
