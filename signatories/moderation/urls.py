"""Addresses of the desk."""

from django.urls import path, re_path

from signatories.moderation.views import doubles, editing, fairness, notable, people, queue, reports, trail

urlpatterns = [
    path("", queue.queue, name="desk"),
    path("signatures/<int:pk>/decide/", queue.decide, name="desk-decide"),
    path("acts/<int:pk>/undo/", queue.undo, name="desk-undo"),
    path("find/", people.find, name="desk-find"),
    path("signups/<int:pk>/", people.signup, name="desk-signup"),
    path("signatures/<int:pk>/", people.signature, name="desk-signature"),
    path("signatures/<int:pk>/address/", people.reveal, name="desk-reveal"),
    path("signatures/<int:pk>/resend/", people.resend, name="desk-resend"),
    path("signatures/<int:pk>/correct/", people.correct, name="desk-correct"),
    re_path(r"^signatures/(?P<pk>[0-9]{1,18})/(?P<verb>withdraw|restore)/$", people.at_request, name="desk-at-request"),
    path("reports/", reports.waiting, name="desk-reports"),
    path("reports/about/<int:pk>/", reports.answer, name="desk-report-answer"),
    path("reports/<int:pk>/address/", reports.reveal, name="desk-report-reveal"),
    path("doubles/", doubles.waiting, name="desk-doubles"),
    path("doubles/<int:earlier>/<int:later>/", doubles.answer, name="desk-double-answer"),
    path("notable/", notable.chosen, name="desk-notable"),
    path("notable/add/", notable.feature, name="desk-feature"),
    path("notable/<int:pk>/move/", notable.move, name="desk-move"),
    path("notable/<int:pk>/remove/", notable.unfeature, name="desk-unfeature"),
    path("settings/", editing.settings_page, name="desk-settings"),
    path("settings/press/<str:language>/", editing.press_page, name="desk-press-page"),
    path("settings/watched/", editing.watched_names, name="desk-watched-names"),
    path("settings/watched/<int:pk>/", editing.watched, name="desk-watched"),
    path("settings/watched/<int:pk>/remove/", editing.unwatch, name="desk-unwatch"),
    path("settings/limits/", fairness.limits, name="desk-limits"),
    path("settings/lists/", fairness.lists, name="desk-lists"),
    path("settings/lists/<int:pk>/remove/", fairness.unlist, name="desk-unlist"),
    path("alarms/", fairness.alarms, name="desk-alarms"),
    path("alarms/<int:pk>/", fairness.alarm, name="desk-alarm"),
    path("trail/", trail.trail, name="desk-trail"),
]
