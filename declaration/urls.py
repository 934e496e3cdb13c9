"""All URLs, composed of those of the apps (see docs/architecture.md). The language is part of the path."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path

from declaration import views
from signatories.api.views import api
from signatories.api.views import page as api_page
from signatories.operations import views as health
from signatories.press.picture_views import picture
from signatories.press.views import declaration_key, one_key
from signatories.sharing.oembed import oembed
from signatories.signing.views import home

handler400 = "declaration.views.bad_request"
urlpatterns = [
    # The busiest first: patterns are tried in order.
    *i18n_patterns(
        path("", home, name="home"),
        path("", include("signatories.signing.urls")),
        path("", include("signatories.mine.urls")),
        path("", include("signatories.privacy.urls")),
        path("", include("signatories.listing.urls")),
        path("", include("signatories.press.urls")),
        path("", include("signatories.news.urls")),
        path("", include("signatories.sharing.urls")),
        path("", include("signatories.partners.urls")),
        path("", include("signatories.groups.urls")),
        path("", include("signatories.gathering.urls")),
        path("about/", views.about, name="about"),
        path("privacy/", views.privacy, name="privacy"),
        prefix_default_language=False,
    ),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_contact, name="security"),
    path(".well-known/tdmrep.json", views.tdmrep, name="tdmrep"),
    path(".well-known/declaration-key", declaration_key, name="declaration-key"),
    re_path(r"^\.well-known/declaration-key-(?P<fingerprint>[0-9a-f]{16})\.pem$", one_key, name="declaration-key-one"),
    # A file has one address in all languages.
    re_path(r"^press/pictures/(?P<sha256>[0-9a-f]{64})\.(?P<ending>jpg|png|webp)$", picture, name="press-picture"),
    path("cards/", include("signatories.sharing.card_urls")),
    path("oembed", oembed, name="sharing-oembed"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", api_page, name="api-page"),
    path("api/v1/", api.urls),
    path("accounts/", include("signatories.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("desk/", include("signatories.desk.urls")),
    path("partner/", include("signatories.partners.own_urls")),
    path("partner/names/", include("signatories.gathering.own_urls")),
]
if settings.ANYMAIL_PROVIDER:
    from signatories.mail import bounces

    urlpatterns += [path("hooks/mail/", bounces.provider_view(settings.ANYMAIL_PROVIDER), name="hooks-mail")]
if settings.DEMO_MAIL_FOLDER:
    urlpatterns += [path("mailbox/", include("declaration.demo.mailbox"))]
