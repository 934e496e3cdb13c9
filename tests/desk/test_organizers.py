"""The page of organizers: roles are changed, accounts are closed and opened, and one administrator always stays."""

from collections.abc import Callable
from itertools import count

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from signatories.desk.organizers import services
from signatories.desk.organizers.services import LastAdministrator
from signatories.models import Act, Organizer
from signatories.models.act import Verb
from signatories.models.organizer import Role, role_of
from tests.people import enter, organizer
from tests.races import at_once

pytestmark = pytest.mark.django_db
WHY = {"reason": "Asked by mail on 3 May."}
LAST = "this is the last administrator"


@pytest.fixture
def mona() -> AbstractBaseUser:
    return organizer("mona", role=Role.MODERATOR)


@pytest.fixture
def at_home(mona: AbstractBaseUser) -> Client:
    """Mona's browser, logged in."""
    browser = Client()
    enter(browser, mona)
    return browser


def change(desk: Client, account: AbstractBaseUser, what: str, **fields: str) -> HttpResponse:
    """Press a button beside an account."""
    return desk.post(f"/desk/organizers/{account.pk}/{what}/", WHY | fields)  # type: ignore[return-value]


def administrators() -> list[str]:
    """The names of those who are administrators now."""
    accounts = get_user_model().objects.order_by("pk")
    return [account.username for account in accounts if role_of(account) == Role.ADMINISTRATOR]


def test_the_page_names_everybody_with_role_and_state(desk: Client, mona: AbstractBaseUser) -> None:
    organizer("nils", role=None)
    get_user_model().objects.filter(pk=mona.pk).update(is_active=False)
    page = desk.get("/desk/organizers/").content.decode()
    for words in (
        "olga@declaration.example",
        "mona@declaration.example",
        "closed, was moderator",
        "no role yet",
        "· you",
    ):
        assert words in page


def test_a_role_is_changed_and_leaves_an_act(desk: Client, olga: AbstractBaseUser, mona: AbstractBaseUser) -> None:
    assert change(desk, mona, "role", role="administrator").status_code == 303
    account = get_user_model().objects.get(pk=mona.pk)
    assert (role_of(account), account.is_superuser) == (Role.ADMINISTRATOR, True)
    act = Act.objects.get()
    assert (act.verb, act.organizer_id, act.role) == (Verb.APPOINT, olga.pk, Role.ADMINISTRATOR)
    assert act.reason == f"account {mona.pk} role moderator → administrator: {WHY['reason']}"
    assert change(desk, mona, "role", role="editor").status_code == 303
    assert not get_user_model().objects.get(pk=mona.pk).is_superuser
    assert act.reason in desk.get("/desk/trail/?verb=appoint").content.decode().replace("&#x27;", "'")


def test_an_account_without_a_role_is_given_one(desk: Client) -> None:
    nils = organizer("nils", role=None)
    assert change(desk, nils, "role", role="viewer").status_code == 303
    assert Organizer.objects.get(pk=nils.pk).role == Role.VIEWER
    assert "role none → viewer" in Act.objects.get().reason


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("role", {"role": "editor", "reason": " "}),
        ("role", {"role": "queen"}),
        ("role", {}),
        ("disable", {"reason": ""}),
    ],
)
def test_what_is_not_understood_changes_nothing(
    desk: Client, mona: AbstractBaseUser, at_home: Client, what: str, fields: dict[str, str]
) -> None:
    response = change(desk, mona, what, **fields)
    assert response.status_code == 422
    assert "aria-invalid" in response.content.decode()
    assert role_of(get_user_model().objects.get(pk=mona.pk)) == Role.MODERATOR
    assert at_home.get("/desk/").status_code == 200
    assert not Act.objects.exists()


def test_what_is_so_already_leaves_no_act(desk: Client, mona: AbstractBaseUser, at_home: Client) -> None:
    stranger = get_user_model().objects.create(username="stranger")
    for account, what, fields in (
        (mona, "role", {"role": "moderator"}), (mona, "enable", {}), (stranger, "role", {"role": "viewer"}),
        (stranger, "disable", {}), (get_user_model()(pk=10**18 - 1), "role", {"role": "viewer"}),
        (get_user_model()(pk=10**18 - 1), "disable", {}),
    ):  # fmt: skip
        response = change(desk, account, what, **fields)
        assert response.status_code == 303
        assert "Nothing was changed" in desk.get("/desk/organizers/").content.decode()
    assert at_home.get("/desk/").status_code == 200
    assert not Act.objects.exists()
    assert not Organizer.objects.filter(account=stranger).exists()


def test_a_changed_role_ends_the_sessions_of_that_account_alone(
    desk: Client, mona: AbstractBaseUser, at_home: Client
) -> None:
    elsewhere = Client()
    enter(elsewhere, mona)
    change(desk, mona, "role", role="viewer")
    for browser in (at_home, elsewhere):
        assert browser.get("/desk/")["Location"] == "/accounts/login/?next=/desk/"
    assert desk.get("/desk/numbers/").status_code == 200


def test_a_closed_account_is_outside_at_once_and_its_session_never_works_again(
    desk: Client, mona: AbstractBaseUser, at_home: Client
) -> None:
    assert at_home.get("/desk/").status_code == 200
    assert change(desk, mona, "disable").status_code == 303
    assert at_home.get("/desk/").status_code == 302
    login = {"login": "mona@declaration.example", "password": "long-and-secret"}
    assert "/desk/" not in Client().post("/accounts/login/", login).get("Location", "")
    assert change(desk, mona, "enable").status_code == 303
    assert at_home.get("/desk/").status_code == 302
    assert at_home.post("/accounts/login/", login)["Location"].startswith("/accounts/2fa/authenticate/")
    assert enter(at_home, mona).get("/desk/").status_code == 200
    assert role_of(get_user_model().objects.get(pk=mona.pk)) == Role.MODERATOR
    told = [act.reason.partition(":")[0] for act in Act.objects.filter(verb=Verb.APPOINT).order_by("pk")]
    assert told == [f"account {mona.pk} disabled", f"account {mona.pk} enabled"]


def test_organizers_who_change_their_own_role_log_in_again(desk: Client, olga: AbstractBaseUser) -> None:
    organizer("anna")
    assert change(desk, olga, "role", role="viewer").status_code == 303
    assert desk.get("/desk/numbers/").status_code == 302
    assert administrators() == ["anna"]


@pytest.mark.parametrize(("what", "fields"), [("role", {"role": "moderator"}), ("disable", {})])
def test_the_last_administrator_stays(
    desk: Client, olga: AbstractBaseUser, mona: AbstractBaseUser, what: str, fields: dict[str, str]
) -> None:
    """Neither somebody with another role nor a closed account takes their place; another administrator does."""
    closed = organizer("closed")
    get_user_model().objects.filter(pk=closed.pk).update(is_active=False)
    response = change(desk, olga, what, **fields)
    assert response.status_code == 422
    assert LAST in response.content.decode()
    assert administrators() == ["olga"]
    assert desk.get("/desk/numbers/").status_code == 200
    assert not Act.objects.exists()
    organizer("anna")
    assert change(desk, olga, what, **fields).status_code == 303
    assert administrators() == ["anna"]


def test_the_first_one_has_no_row_and_counts(desk: Client, olga: AbstractBaseUser) -> None:
    get_user_model().objects.create(username="first", is_staff=True, is_superuser=True)
    assert change(desk, olga, "disable").status_code == 303
    assert administrators() == ["first"]


def test_who_may_no_longer_manage_organizers_changes_nothing(olga: AbstractBaseUser, mona: AbstractBaseUser) -> None:
    """The request was let in, and its role was taken away before the change."""
    organizer("anna")
    Organizer.objects.filter(pk=olga.pk).update(role=Role.EDITOR)
    for flags in ({}, {"is_active": False}, {"is_staff": False}):
        get_user_model().objects.filter(pk=olga.pk).update(**flags)
        with pytest.raises(PermissionDenied):
            services.disable(account_id=mona.pk, organizer=olga, reason="Why.", now=timezone.now())
    assert get_user_model().objects.get(pk=mona.pk).is_active


def outcome(act: Callable[[], bool]) -> str:
    """What came of a change."""
    try:
        return "done" if act() else "unchanged"
    except LastAdministrator:
        return "last"
    except PermissionDenied:
        return "refused"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_two_who_demote_each_other_at_once(round_: int) -> None:
    anna, boris = organizer("anna"), organizer("boris")
    turn = count()
    results: list[str] = []

    def demote() -> int:
        by, other = (anna, boris) if next(turn) % 2 else (boris, anna)
        results.append(outcome(lambda: services.set_role(
            account_id=other.pk, role=Role.VIEWER, organizer=by, reason="Why.", now=timezone.now()
        )))  # fmt: skip
        return 1

    at_once(2, demote)
    assert sorted(results) == ["done", "refused"]
    assert len(administrators()) == 1
    assert Act.objects.filter(verb=Verb.APPOINT).count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_who_leave_at_once() -> None:
    people = [organizer(f"a{n}") for n in range(10)]
    turn = count()
    results: list[str] = []

    def leave() -> int:
        me = people[next(turn)]
        results.append(outcome(lambda: services.disable(
            account_id=me.pk, organizer=me, reason="Why.", now=timezone.now()
        )))  # fmt: skip
        return 1

    at_once(10, leave)
    assert sorted(results) == ["done"] * 9 + ["last"]
    assert len(administrators()) == 1
