"""Access to the pages of the desk: only for staff accounts that are signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

type DeskView = Callable[..., HttpResponse]


def organizers_only(view: DeskView) -> DeskView:
    """Redirect visitors to the login. Raises PermissionDenied for accounts that are not staff."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not getattr(request.user, "is_staff", False):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def organizer_of(request: HttpRequest) -> AbstractBaseUser:
    """Return the organizer of a request that `organizers_only` has checked."""
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 - for the type checker
    return request.user
