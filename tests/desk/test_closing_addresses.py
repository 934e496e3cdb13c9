"""The day on which the mail addresses of signers are deleted: set, told, moved, carried out; names and number stay."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.utils import timezone
from time_machine import Traveller

from signatories import tasks
from signatories.identity import mailbox as mailboxes
from signatories.mail import messages, outbox
from signatories.models import Act, ActDetail, Closing, OutboundMail, Signature, Signup
from signatories.models.act import Verb
from signatories.models.outbound_mail import MailKind
from signatories.models.signature import State
from signatories.privacy import erasure_log, retention
from signatories.tally import services as tally
from tests.desk.closing import DAY, press, set_day
from tests.partners.partners import channel, partner
from tests.people import ADDRESS, enter, form, signed
from tests.smtp import Catcher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_folder")]


@pytest.fixture
def own_page() -> Callable[[Signature], str]:
    """The address of somebody's own page, as a mail of today has it."""
    return lambda signature: f"/mine/{messages.own_link(signature, timezone.now().date())}/"


def test_the_day_is_set_moved_and_taken_back(desk: Client, olga: AbstractBaseUser, clock: Traveller) -> None:
    signed()
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 409  # signing goes on
    press(desk, "end")
    for wrong in (29 * DAY, 6 * 365 * DAY):
        assert set_day(desk, olga, timezone.now() + wrong) == 422
    assert 'id="addresses"' not in Client().get("/privacy/").content.decode()
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    day = timezone.now() + 40 * DAY
    assert Closing.current().addresses_until == day.date()
    assert f"On {day:%-d %B %Y} the mail addresses" in Client().get("/privacy/").content.decode()
    assert f"On {day:%-d %B %Y} all mail addresses" in Client().get("/mine/").content.decode()
    assert "addresses-go" not in desk.get("/desk/numbers/").content.decode()
    clock.shift(26 * DAY)
    enter(desk, olga)
    assert "addresses-go" in desk.get("/desk/numbers/").content.decode()
    assert set_day(desk, olga, timezone.now() + 13 * DAY) == 422  # too near to be heard of
    assert set_day(desk, olga, timezone.now() + 60 * DAY) == 303
    assert "addresses-go" not in desk.get("/desk/numbers/").content.decode()
    assert press(desk, "addresses", keep="1") == 303
    assert Closing.current().addresses_until is None
    told = Act.objects.filter(reason__startswith="addresses are deleted on").values_list("reason", flat=True)
    assert len(told) == 3


def people() -> dict[str, Signature]:
    """Two in one mailbox, one without a name, one by a representative, one who waits, one who has withdrawn."""
    news = channel(partner())
    found = {
        "first": signed(address="two@example.org", name="Ada Vance"),
        "second": signed(address="two@example.org", name="Bram Bellweather"),
        "unnamed": signed(address="un@example.org", name="Umbra Unnamed", named=False, country="IE"),
        "renamed": signed(address="re@example.org", name="Cleo Carver"),
    }
    Signature.objects.filter(pk=found["first"].pk).update(channel=news, representative="Rita Reed")
    return found


def test_on_that_day_addresses_go_and_names_stay(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, own_page: Callable[[Signature], str]
) -> None:
    found = people()
    tally.repair()
    path = own_page(found["renamed"])
    assert Client().post(path, form(name="Cleo Karver", filed_under="Karver", email=None)).status_code == 303
    assert ActDetail.objects.count() == 1
    tally.fold()
    number, listed = tally.number(timezone.now()).count, Client().get("/signatories/").content
    press(desk, "end")
    day = timezone.now() + 40 * DAY
    assert set_day(desk, olga, day) == 303
    clock.shift(39 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    assert Signature.objects.exclude(address_sealed=b"").count() == 4  # not before its day
    clock.shift(1 * DAY)
    for _ in range(2):
        retention.forget(timezone.now())
    rows = {name: Signature.objects.get(pk=row.pk) for name, row in found.items()}
    for row in rows.values():
        assert (bytes(row.address_sealed), row.domain, row.representative, row.channel_id) == (b"", "", "", None)
        assert len(row.address_digest) == 32 and not row.news
        assert not {bytes(row.address_digest)} & {
            *mailboxes.digests("two@example.org"),
            *mailboxes.digests("un@example.org"),
        }
    assert (
        len({bytes(row.address_digest) for row in rows.values()}) == len({bytes(r.nonce) for r in rows.values()}) == 4
    )
    assert (rows["unnamed"].name, str(rows["unnamed"].country), rows["unnamed"].search_key) == ("–", "", "")
    assert rows["first"].name == "Ada Vance" and rows["renamed"].name == "Cleo Karver"
    assert not ActDetail.objects.exists() and not Signup.objects.exists()
    assert not OutboundMail.objects.filter(signature__isnull=False).exists()
    assert tally.repair() == {}  # the number is still what the rows say
    assert tally.number(timezone.now()).count == number
    assert Client().get("/signatories/").content == listed
    closing = Closing.current()
    assert closing.addresses_deleted_at == timezone.now()
    assert Act.objects.filter(verb=Verb.ERASE, about="addresses").count() == 1
    assert [line.kind for line in erasure_log.read() if line.kind == "addresses"] == ["addresses"]


def test_afterwards_no_link_leads_to_an_own_page(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, mailbox: Catcher, own_page: Callable[[Signature], str]
) -> None:
    signature = signed()
    press(desk, "end")
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    clock.shift(40 * DAY)
    path = own_page(signature)
    assert "all mail addresses of signers are deleted" in Client().get(path).content.decode()
    tasks.watch()
    retention.forget(timezone.now())
    answer = Client().get(path)
    assert answer.status_code == 404 and "as announced" in answer.content.decode()
    assert "were deleted on" in Client().get("/privacy/").content.decode()
    asked = [Client().post("/mine/", {"email": address}) for address in ("ann@example.org", "other@example.org")]
    assert {each.status_code for each in asked} == {410}
    assert asked[0].content == asked[1].content
    assert not OutboundMail.objects.filter(kind=MailKind.LINK).exists()
    enter(desk, olga)
    page = desk.get(f"/desk/signatures/{signature.pk}/").content.decode()
    assert "Its mail address is deleted" in page and "Send the link again" not in page
    assert desk.post(f"/desk/signatures/{signature.pk}/resend/").status_code == 404
    assert desk.get(f"/desk/signatures/{signature.pk}/write/").status_code == 404
    assert press(desk, "addresses", keep="1") == 409
    # An organizer still withdraws at their request, and nobody is mailed.
    desk.post(f"/desk/signatures/{signature.pk}/withdraw/", {"reason": "Wrote to the operator."})
    assert Signature.objects.get().state == State.WITHDRAWN
    outbox.drain()
    assert mailbox.of(ADDRESS) == []


def test_who_withdrew_just_before_is_erased_as_ever_and_loses_the_address_if_it_is_undone(
    desk: Client, olga: AbstractBaseUser, clock: Traveller, own_page: Callable[[Signature], str]
) -> None:
    signature = signed()
    press(desk, "end")
    assert set_day(desk, olga, timezone.now() + 40 * DAY) == 303
    clock.shift(39 * DAY)
    undo = Client().post(f"{own_page(signature)}withdraw/")["Location"]
    clock.shift(1 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    assert bytes(Signature.objects.get().address_sealed)
    assert Client().post(undo).status_code == 303
    retention.forget(timezone.now())
    row = Signature.objects.get()
    assert (row.state, bytes(row.address_sealed), row.name) == (State.PUBLISHED, b"", "Aveline Ashgrove")


def test_without_a_day_addresses_stay(desk: Client, clock: Traveller) -> None:
    signed()
    press(desk, "end")
    clock.shift(3000 * DAY)
    tasks.watch()
    retention.forget(timezone.now())
    assert bytes(Signature.objects.get().address_sealed)
