"""The WSGI application, served by granian: it is warm when the first request comes."""

from declaration.web.application import application
from signatories.operations.warm_up import warm_up

__all__ = ["application"]

warm_up()
