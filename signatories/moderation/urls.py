"""Addresses of the desk."""

from django.urls import path, re_path

from signatories.moderation import views

urlpatterns = [
    path("", views.queue, name="desk"),
    path("find/", views.find, name="desk-find"),
    path("trail/", views.trail, name="desk-trail"),
    path("acts/<int:pk>/undo/", views.undo, name="desk-undo"),
    path("signups/<int:pk>/", views.signup, name="desk-signup"),
    path("signatures/<int:pk>/", views.signature, name="desk-signature"),
    path("signatures/<int:pk>/decide/", views.decide, name="desk-decide"),
    path("signatures/<int:pk>/address/", views.reveal, name="desk-reveal"),
    path("signatures/<int:pk>/resend/", views.resend, name="desk-resend"),
    path("signatures/<int:pk>/correct/", views.correct, name="desk-correct"),
    re_path(r"^signatures/(?P<pk>[0-9]{1,18})/(?P<verb>withdraw|restore)/$", views.at_request, name="desk-at-request"),
]
