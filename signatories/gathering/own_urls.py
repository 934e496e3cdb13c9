"""URLs on which a partner's own people hand names over."""

from django.urls import path

from signatories.gathering import own_views

urlpatterns = [
    path("", own_views.batches, name="partner-names"),
    path("template.csv", own_views.template, name="partner-names-template"),
    path("<int:pk>/", own_views.batch, name="partner-batch"),
    path("<int:pk>/head/", own_views.set_head, name="partner-batch-head"),
    path("<int:pk>/columns/", own_views.set_columns, name="partner-batch-columns"),
    path("<int:pk>/rows/<int:invitee>/", own_views.leave_out, name="partner-batch-row"),
    path("<int:pk>/proof/", own_views.prove, name="partner-batch-proof"),
    path("<int:pk>/test/", own_views.test, name="partner-batch-test"),
    path("<int:pk>/looked/", own_views.looked, name="partner-batch-looked"),
    path("<int:pk>/ask/", own_views.ask, name="partner-batch-ask"),
    path("<int:pk>/pace/", own_views.set_pace, name="partner-batch-pace"),
    path("<int:pk>/pause/", own_views.pause, name="partner-batch-pause"),
    path("<int:pk>/resume/", own_views.resume, name="partner-batch-resume"),
    path("<int:pk>/undo/", own_views.undo, name="partner-batch-undo"),
]
