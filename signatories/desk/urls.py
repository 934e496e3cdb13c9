"""URLs of the desk."""

from django.urls import path, re_path

from signatories.desk.alarms import views as alarms
from signatories.desk.closing import views as closing
from signatories.desk.clusters import views as clusters
from signatories.desk.dossiers import import_views as watched_files
from signatories.desk.dossiers import verify_views as verifications
from signatories.desk.dossiers import views as dossiers
from signatories.desk.duplicates import views as duplicates
from signatories.desk.editions import views as editions
from signatories.desk.embargo import views as embargo
from signatories.desk.exports import views as exports
from signatories.desk.featured import views as featured
from signatories.desk.handbook import views as handbook
from signatories.desk.launch import views as launch
from signatories.desk.lists import list_views as list_file_views
from signatories.desk.lists import views as lists
from signatories.desk.mails import views as mails
from signatories.desk.news import mailing_views as mailings
from signatories.desk.news import views as news
from signatories.desk.numbers import views as numbers
from signatories.desk.organizers import views as organizers
from signatories.desk.overview import views as overview
from signatories.desk.partners import names_views as partner_names
from signatories.desk.partners import views as partners
from signatories.desk.people import views as people
from signatories.desk.pictures import views as pictures
from signatories.desk.queue import views as queue
from signatories.desk.quotes import views as quotes
from signatories.desk.repeat import repeat
from signatories.desk.reports import views as reports
from signatories.desk.rules import views as rules
from signatories.desk.settings import views as settings
from signatories.desk.start import views as start
from signatories.desk.texts import language_views
from signatories.desk.texts import views as texts
from signatories.desk.trail import views as trail

urlpatterns = [
    path("", overview.overview, name="desk"),
    path("queue/", queue.queue, name="desk-queue"),
    path("start/", start.start, name="desk-start"),
    path("start/mail/", start.test_mail, name="desk-start-mail"),
    path("start/rehearsal/", start.rehearsal, name="desk-start-rehearsal"),
    path("start/open/", start.open_declaration, name="desk-start-open"),
    path("launch/", launch.launch, name="desk-launch"),
    path("closing/", closing.closing, name="desk-closing"),
    path("closing/end/", closing.end, name="desk-closing-end"),
    path("closing/reopen/", closing.reopen, name="desk-closing-reopen"),
    path("closing/words/", closing.words, name="desk-closing-words"),
    path("closing/edition/", closing.edition, name="desk-closing-edition"),
    path("closing/addresses/", closing.addresses, name="desk-closing-addresses"),
    path("embargo/", embargo.embargo, name="desk-embargo"),
    path("embargo/drop/", embargo.drop, name="desk-embargo-drop"),
    path("embargo/release/", embargo.release, name="desk-embargo-release"),
    path("embargo/press/", embargo.invite, name="desk-embargo-invite"),
    path("embargo/press/<int:pk>/revoke/", embargo.revoke, name="desk-embargo-revoke"),
    path("quotes/", quotes.quotes, name="desk-quotes"),
    path("quotes/<int:pk>/remove/", quotes.remove, name="desk-quote-remove"),
    path("partners/", partners.partners, name="desk-partners"),
    path("partners/new/", partners.new, name="desk-partner-new"),
    path("partners/<int:pk>/", partners.partner, name="desk-partner"),
    path("partners/<int:pk>/end/", partners.end, name="desk-partner-end"),
    path("partners/<int:pk>/channels/", partners.add_channel, name="desk-partner-channel"),
    path(
        "partners/<int:pk>/channels/<int:channel>/remove/", partners.remove_channel, name="desk-partner-channel-remove"
    ),
    path("partners/<int:pk>/channels/<int:channel>/code.svg", partners.code, name="desk-partner-code"),
    path("partners/<int:pk>/sheets/<int:sheet>.pdf", partners.sheet, name="desk-partner-sheet"),
    re_path(
        r"^partners/(?P<pk>[0-9]{1,18})/channels/(?P<channel>[0-9]{1,18})/(?P<which>handout|poster)/$",
        partners.ask_sheet,
        name="desk-partner-sheet-ask",
    ),
    path("partners/<int:pk>/invite/", partners.invite, name="desk-partner-invite"),
    path("partners/<int:pk>/invitations/<int:invitation>/revoke/", partners.revoke, name="desk-partner-revoke"),
    path(
        "partners/<int:pk>/accounts/<int:account>/close/",
        partners.set_account,
        {"is_open": False},
        name="desk-partner-account-close",
    ),
    path(
        "partners/<int:pk>/accounts/<int:account>/open/",
        partners.set_account,
        {"is_open": True},
        name="desk-partner-account-open",
    ),
    path("partners/<int:pk>/names/", partner_names.names, name="desk-partner-names"),
    path("partners/<int:pk>/names/grant/", partner_names.grant, name="desk-partner-grant"),
    path("partners/<int:pk>/names/end/", partner_names.end_grant, name="desk-partner-grant-end"),
    path("partners/<int:pk>/names/<int:batch>/", partner_names.batch, name="desk-partner-batch"),
    path("partners/<int:pk>/names/<int:batch>/specimen/", partner_names.specimen, name="desk-partner-batch-specimen"),
    path("partners/<int:pk>/names/<int:batch>/decide/", partner_names.decide, name="desk-partner-batch-decide"),
    path("partners/<int:pk>/names/<int:batch>/pause/", partner_names.pause, name="desk-partner-batch-pause"),
    path("partners/<int:pk>/names/<int:batch>/resume/", partner_names.resume, name="desk-partner-batch-resume"),
    path("partners/<int:pk>/names/<int:batch>/undo/", partner_names.undo, name="desk-partner-batch-undo"),
    path("news/", news.news, name="desk-news"),
    path("news/new/", news.new, name="desk-update-new"),
    path("news/<int:pk>/", news.update, name="desk-update"),
    path("news/<int:pk>/publish/", news.publish, name="desk-update-publish"),
    path("news/<int:pk>/down/", news.take_down, name="desk-update-down"),
    path("news/<int:pk>/delete/", news.delete, name="desk-update-delete"),
    path("news/<int:pk>/mailings/new/", mailings.new, name="desk-mailing-new"),
    path("news/mailings/<int:pk>/", mailings.mailing, name="desk-mailing"),
    path("news/mailings/<int:pk>/test/", mailings.test, name="desk-mailing-test"),
    path("news/mailings/<int:pk>/start/", mailings.start, name="desk-mailing-start"),
    path("news/mailings/<int:pk>/pause/", mailings.pause, name="desk-mailing-pause"),
    path("news/mailings/<int:pk>/resume/", mailings.resume, name="desk-mailing-resume"),
    path("news/mailings/<int:pk>/cancel/", mailings.cancel, name="desk-mailing-cancel"),
    path("news/mailings/<int:pk>/pace/", mailings.pace, name="desk-mailing-pace"),
    path("numbers/", numbers.numbers, name="desk-numbers"),
    path("clusters/", clusters.clusters, name="desk-clusters"),
    path("rules/", rules.rules, name="desk-rules"),
    path("rules/preview/", rules.make_preview, name="desk-preview-make"),
    path("rules/preview/<int:pk>/", rules.preview, name="desk-preview"),
    path("rules/preview/<int:pk>/move/", rules.move, name="desk-preview-move"),
    path("rules/<int:pk>/end/", rules.end, name="desk-rule-end"),
    path("signatures/<int:pk>/decide/", queue.decide, name="desk-decide"),
    path("signatures/<int:pk>/claim/", queue.claim, name="desk-claim"),
    path("queue/claims/", queue.claimed, name="desk-claims"),
    path("acts/<int:pk>/undo/", queue.undo, name="desk-undo"),
    path("find/", people.find, name="desk-find"),
    path("signups/<int:pk>/", people.signup, name="desk-signup"),
    path("signatures/<int:pk>/", people.signature, name="desk-signature"),
    path("signatures/<int:pk>/address/", people.reveal, name="desk-reveal"),
    path("signatures/<int:pk>/resend/", people.resend, name="desk-resend"),
    path("signatures/<int:pk>/write/", people.write, name="desk-write"),
    path("signatures/<int:pk>/correct/", people.correct, name="desk-correct"),
    re_path(
        r"^signatures/(?P<pk>[0-9]{1,18})/(?P<verb>withdraw|restore|elsewhere)/$",
        people.at_request,
        name="desk-at-request",
    ),
    re_path(r"^(?P<kind>signature|signup)s/(?P<pk>[0-9]{1,18})/mails/$", people.allow_mails, name="desk-allow-mails"),
    path("signatures/<int:pk>/verify/", verifications.verify, name="desk-verify"),
    path("signatures/<int:pk>/verify/namesake/", verifications.namesake, name="desk-verify-namesake"),
    path("signatures/<int:pk>/verify/agree/", verifications.agree, name="desk-verify-agree"),
    path("signatures/<int:pk>/verify/stop/", verifications.stop, name="desk-verify-stop"),
    path("dossiers/<int:pk>/", dossiers.dossier, name="desk-dossier"),
    path("dossiers/<int:pk>/contacts/", dossiers.add_contact, name="desk-dossier-contact"),
    path(
        "dossiers/<int:pk>/contacts/<int:contact>/remove/", dossiers.remove_contact, name="desk-dossier-contact-remove"
    ),
    path("dossiers/<int:pk>/enquiries/", dossiers.add_enquiry, name="desk-dossier-enquiry"),
    path("dossiers/<int:pk>/enquiries/<int:enquiry>/answer/", dossiers.answer, name="desk-dossier-answer"),
    path("dossiers/<int:pk>/proofs/", dossiers.add_proof, name="desk-dossier-proof"),
    path("dossiers/<int:pk>/mailboxes/", dossiers.announce_mailbox, name="desk-dossier-mailbox"),
    path(
        "dossiers/<int:pk>/mailboxes/<int:mailbox>/take-back/",
        dossiers.take_back_mailbox,
        name="desk-dossier-mailbox-take-back",
    ),
    path("reports/", reports.reports, name="desk-reports"),
    path("reports/about/<int:pk>/", reports.answer, name="desk-report-answer"),
    path("reports/<int:pk>/address/", reports.reveal, name="desk-report-reveal"),
    path("doubles/", duplicates.groups, name="desk-doubles"),
    path("doubles/<int:pk>/", duplicates.answer, name="desk-double-answer"),
    path("notable/", featured.page, name="desk-notable"),
    path("notable/add/", featured.feature, name="desk-feature"),
    path("notable/<int:pk>/move/", featured.move, name="desk-move"),
    path("notable/<int:pk>/remove/", featured.unfeature, name="desk-unfeature"),
    path("settings/", settings.settings_page, name="desk-settings"),
    path("settings/press/<str:language>/", settings.press_page, name="desk-press-page"),
    path("settings/pictures/", pictures.pictures, name="desk-pictures"),
    path("settings/pictures/<int:pk>/", pictures.picture, name="desk-picture"),
    path("settings/pictures/<int:pk>/move/", pictures.move, name="desk-picture-move"),
    path("settings/pictures/<int:pk>/remove/", pictures.remove, name="desk-picture-remove"),
    path("settings/watched/", settings.watched_names, name="desk-watched-names"),
    path("settings/watched/file/", watched_files.upload, name="desk-watched-upload"),
    path("settings/watched/file/<int:pk>/", watched_files.preview, name="desk-watched-file"),
    path("settings/watched/export/", watched_files.export, name="desk-watched-export"),
    path("settings/watched/<int:pk>/", settings.watched, name="desk-watched"),
    path("settings/watched/<int:pk>/remove/", settings.unwatch, name="desk-unwatch"),
    path("settings/limits/", settings.limits, name="desk-limits"),
    path("settings/lists/", lists.lists, name="desk-lists"),
    path("settings/lists/file/", list_file_views.take, name="desk-lists-take"),
    path("settings/lists/lists.csv", list_file_views.export, name="desk-lists-export"),
    path("settings/lists/<int:pk>/remove/", lists.unlist, name="desk-unlist"),
    path("alarms/", alarms.alarms, name="desk-alarms"),
    path("alarms/<int:pk>/", alarms.alarm, name="desk-alarm"),
    path("alarms/moves/<int:pk>/", alarms.mass_move, name="desk-mass-move"),
    path("alarms/moves/<int:pk>/cancel/", alarms.cancel_move, name="desk-mass-move-cancel"),
    path("alarms/moves/<int:pk>/undo/", alarms.undo_move, name="desk-mass-move-undo"),
    path("texts/", texts.texts, name="desk-texts"),
    path("texts/languages/", language_views.languages, name="desk-languages"),
    path("texts/<int:number>/", texts.version, name="desk-text"),
    path("texts/<int:number>/publish/", texts.publish, name="desk-text-publish"),
    path("texts/<int:number>/<str:language>/preview/", texts.preview, name="desk-text-preview"),
    path("texts/<int:number>/<str:language>/delete/", texts.delete, name="desk-text-delete"),
    path("editions/", editions.editions, name="desk-editions"),
    path("editions/<int:pk>/cancel/", editions.cancel, name="desk-edition-cancel"),
    path("editions/lists/", editions.ask_part, name="desk-edition-list"),
    path("editions/lists/<int:pk>/cancel/", editions.cancel_part, name="desk-edition-list-cancel"),
    path("mails/", mails.mails, name="desk-mails"),
    path("organizers/", organizers.organizers, name="desk-organizers"),
    path("organizers/<int:pk>/role/", organizers.set_role, name="desk-organizer-role"),
    path("organizers/<int:pk>/disable/", organizers.set_active, {"active": False}, name="desk-organizer-disable"),
    path("organizers/<int:pk>/enable/", organizers.set_active, {"active": True}, name="desk-organizer-enable"),
    path("exports/", exports.exports, name="desk-exports"),
    path("exports/<int:pk>/approve/", exports.approve, name="desk-export-approve"),
    path("exports/<int:pk>/cancel/", exports.cancel, name="desk-export-cancel"),
    path("exports/<int:pk>/file/", exports.download, name="desk-export-file"),
    path("organizers/<int:pk>/factor/", organizers.reset_factor, name="desk-organizer-factor"),
    path("organizers/invite/", organizers.invite, name="desk-invite"),
    path("organizers/invitations/<int:pk>/revoke/", organizers.revoke_invitation, name="desk-invitation-revoke"),
    path("handbook/", handbook.handbook, name="desk-handbook"),
    path("handbook/<slug:name>/", handbook.picture, name="desk-handbook-picture"),
    path("repeat/", repeat, name="desk-repeat"),
    path("trail/", trail.trail, name="desk-trail"),
]
