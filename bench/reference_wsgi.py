"""The WSGI application of the reference: bare Django, nothing warmed up before."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
