"""Who may come to the desk: staff, signed in. Every page of it is private, and every POST carries the token."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

type DeskView = Callable[..., HttpResponse]


def organizers_only(view: DeskView) -> DeskView:
    """Strangers are led to the login, accounts that are not staff are refused; nothing is stored or indexed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not getattr(request.user, "is_staff", False):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def organizer_of(request: HttpRequest) -> AbstractBaseUser:
    """The organizer behind a request that `organizers_only` let through."""
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - for the type checker
    return request.user
