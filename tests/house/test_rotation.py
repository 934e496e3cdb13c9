"""Keys are rotated while people sign: nobody gets lost, nobody counts twice, mailed links live on."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
import time_machine
from altcha.v1 import Challenge, solve_challenge
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from signatories import ledger, links, retention, rotation, tally
from signatories import mailbox as sealing
from signatories.listing import services as listing
from signatories.mine import own_data
from signatories.mine import services as mine
from signatories.models import Act, Correction, Letter, MailAllowance, Signature, Signup, StoppedMailbox
from signatories.models.correction import Wrong
from signatories.models.signature import State
from signatories.moderation import finding
from signatories.signing import mails, outbox, puzzle, reminders
from tests.people import ADDRESS, post_form, read_mail, sign_up, signed
from tests.signing.test_races import at_once
from tests.smtp import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


class Keys:
    """The three keys of a house, as its operator changes them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.drawn = settings, count(1)

    def draw(self) -> None:
        """Step 1: new keys in front, those of before as fallbacks."""
        n = next(self.drawn)
        self.settings.SECRET_KEY_FALLBACKS = [self.settings.SECRET_KEY, *self.settings.SECRET_KEY_FALLBACKS]
        self.settings.DIGEST_KEY_FALLBACKS = [self.settings.DIGEST_KEY, *self.settings.DIGEST_KEY_FALLBACKS]
        self.settings.MAILBOX_KEYS = [Fernet.generate_key().decode(), *self.settings.MAILBOX_KEYS]
        self.settings.SECRET_KEY, self.settings.DIGEST_KEY = f"a new secret {n}", f"a new digest key {n}"

    def forget_old(self) -> None:
        """Step 3: only the new ones."""
        self.settings.SECRET_KEY_FALLBACKS, self.settings.DIGEST_KEY_FALLBACKS = [], []
        self.settings.MAILBOX_KEYS = self.settings.MAILBOX_KEYS[:1]


@pytest.fixture
def keys(settings: Settings) -> Keys:
    """Those of the tests, and new ones on demand."""
    return Keys(settings)


def rotate(*flags: str) -> str:
    """Step 2; what the command said."""
    out = StringIO()
    call_command("rotate_keys", *flags, stdout=out)
    return out.getvalue()


def columns(*, but: tuple[str, ...] = ("address_sealed", "address_digest")) -> dict[str, list[dict[str, object]]]:
    """Every row that holds an address, without what a rotation is there to change."""
    found = {}
    for model in rotation.TABLES:
        names = [field.attname for field in model._meta.concrete_fields if field.attname not in but]
        rows = [
            {key: bytes(value) if isinstance(value, memoryview) else value for key, value in row.items()}
            for row in model._default_manager.order_by("pk").values(*names)
        ]
        found[model._meta.db_table] = rows
    return found


def live(address: str = ADDRESS) -> int:
    """How many live signatures a mailbox has, whatever key they are under: by the opened addresses."""
    return sum(sealing.unseal(bytes(s.address_sealed)) == address for s in Signature.objects.live())


def newest_link() -> str:
    """The confirm link of the newest form, also where the mail rightly holds none: the mailbox has signed."""
    signup = Signup.objects.latest("pk")
    return f"/confirm/{links.make(links.Purpose.CONFIRM, signup.pk, signup.nonce)}/"


@pytest.mark.parametrize("step", ["drawn", "rotated", "forgotten"])
def test_what_was_mailed_before_works_at_each_step(client: Client, mailbox: Catcher, keys: Keys, step: str) -> None:
    by_link = sign_up(client, mailbox, email="link@example.org", name="Linus Link")
    by_code = sign_up(client, mailbox, email="code@example.org", name="Cora Code")
    stops = sign_up(client, mailbox, email="stop@example.org", name="Stan Stop")
    signature = signed(address="own@example.org", name="Olive Own")
    own = f"/mine/{mails.own_link(signature, timezone.now().date())}/"
    sent = post_form(client, email="sent@example.org", name="Sal Sent")["Location"]
    keys.draw()
    if step != "drawn":
        rotate()
    if step == "forgotten":
        keys.forget_old()
        keys.settings.SECRET_KEY_FALLBACKS = ["only-for-tests"]  # kept for as long as links live
    else:
        assert b"sent@example.org" in client.get(sent).content
    assert client.post(by_link.path("confirm")).status_code == 303
    answer = client.post("/confirm/", {"email": "code@example.org", "code": by_code.code})
    assert answer.status_code == 303
    assert client.post(answer["Location"]).status_code == 303
    assert client.post(stops.path("stop")).status_code == 200
    assert Signature.objects.filter(name__in=["Linus Link", "Cora Code"], state=State.PUBLISHED).count() == 2
    assert client.get(own).status_code == 200
    post_form(client, email="stop@example.org", name="Stan Stopper")
    outbox.drain()
    assert len(mailbox.of("stop@example.org")) == 1


def test_without_the_old_secret_links_and_codes_explain_themselves(
    client: Client, mailbox: Catcher, keys: Keys
) -> None:
    mail = sign_up(client, mailbox)
    own = f"/mine/{mails.own_link(signed(address='own@example.org'), timezone.now().date())}/"
    keys.settings.SECRET_KEY = "another, and the old one is lost"
    for path, way_on in ((mail.path("confirm"), b"/#sign"), (mail.path("stop"), b"/#sign"), (own, b"/mine/")):
        page = client.get(path)
        assert page.status_code == 404
        assert way_on in page.content
    assert client.post("/confirm/", {"email": ADDRESS, "code": mail.code}).status_code == 422
    assert client.post(mail.path("confirm")).status_code == 404
    assert Signature.objects.count() == 1


def test_a_puzzle_given_out_before_is_solved_after(keys: Keys) -> None:
    import base64

    def solved() -> str:
        asked = puzzle.make(timezone.now())
        found = solve_challenge(
            Challenge(asked["algorithm"], asked["challenge"], asked["maxNumber"], asked["salt"], asked["signature"])
        )
        assert found
        return base64.b64encode(json.dumps(asked | {"number": found.number}).encode()).decode()

    first, second = solved(), solved()
    keys.draw()
    assert puzzle.solved(first)
    assert not puzzle.solved(first)
    keys.forget_old()
    assert not puzzle.solved(second)


def test_an_organizer_stays_logged_in(client: Client, keys: Keys) -> None:
    from tests.people import organizer

    away = Client()
    organizer()
    for browser in (client, away):
        browser.login(email="olga@declaration.example", password="long-and-secret")
    keys.draw()
    assert client.get("/desk/").status_code == 200
    keys.forget_old()
    assert client.get("/desk/").status_code == 200
    assert away.get("/desk/").status_code == 302


@pytest.mark.parametrize("rotated", [False, True])
def test_a_mailbox_that_signed_before_signs_no_second_time(
    client: Client, mailbox: Catcher, keys: Keys, rotated: bool
) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    keys.draw()
    if rotated:
        rotate()
    mail = sign_up(client, mailbox, affiliation="Another Band")
    assert "/mine/" in mail.text  # "you have signed already"
    assert client.post(newest_link()).status_code == 303
    assert live() == 1
    rotate()
    keys.forget_old()
    sign_up(client, mailbox, affiliation="A Third Band")
    client.post(newest_link())
    assert live() == 1
    assert tally.repair() == {}


def test_a_second_person_takes_the_second_place_and_there_is_no_third(
    client: Client, mailbox: Catcher, keys: Keys
) -> None:
    client.post(sign_up(client, mailbox).path("confirm"))
    keys.draw()
    sign_up(client, mailbox, name="Bertil Birk")
    client.post(newest_link())
    keys.draw()
    sign_up(client, mailbox, name="Carla Cole")
    client.post(newest_link())
    assert sorted(Signature.objects.values_list("mailbox_place", flat=True)) == [1, 2]
    rotate()
    keys.forget_old()
    sign_up(client, mailbox, name="Dora Dale")
    client.post(newest_link())
    assert sorted(Signature.objects.values_list("mailbox_place", "state")) == [(1, "published"), (2, "held")]


def test_a_withdrawal_is_not_undone_beside_a_signature_under_the_new_key(
    client: Client, mailbox: Catcher, keys: Keys
) -> None:
    first, other = signed(), signed(address="other@example.org", name="Otto Other")
    for signature in (first, other):
        mine.withdraw(signature_id=signature.pk, now=timezone.now())
    keys.draw()
    signed(name="Aveline Ashgrove")
    assert not mine.undo(signature_id=first.pk, now=timezone.now())
    assert live() == 1
    assert mine.undo(signature_id=other.pk, now=timezone.now())
    assert live("other@example.org") == 1


@pytest.mark.parametrize("_round", range(6))
def test_links_of_one_mailbox_from_before_and_after_at_once(
    client: Client, mailbox: Catcher, keys: Keys, _round: int
) -> None:
    before = [sign_up(client, mailbox, affiliation=f"Band {n}").path("confirm") for n in range(2)]
    keys.draw()
    after = [sign_up(client, mailbox, affiliation=f"New Band {n}").path("confirm") for n in range(2)]
    waiting = [*before, *after]
    assert at_once(4, lambda: Client().post(waiting.pop()).status_code) == [303] * 4
    assert live() == 1
    tally.fold()
    assert tally.number(timezone.now()).count == 1


@pytest.fixture
def in_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many transactions with few rows."""
    monkeypatch.setattr(rotation, "BATCH", 3)


@pytest.mark.usefixtures("in_small_batches")
def test_the_command_beside_people_who_sign_withdraw_and_mend(client: Client, mailbox: Catcher, keys: Keys) -> None:
    """Twenty mailboxes: each signs anew, and does something else, while the command runs."""
    people = [signed(address=f"p{n}@example.org", name=f"Person Number{n}") for n in range(20)]
    keys.draw()
    again = []
    for n in range(20):
        post_form(client, email=f"p{n}@example.org", name=f"Person Number{n}")
        again.append(newest_link())
    acts: list[Callable[[], object]] = []
    for n, person in enumerate(people):
        acts.append(lambda n=n: Client().post(again[n]))  # type: ignore[misc]
        if n % 3 == 0:
            acts.append(lambda pk=person.pk: mine.withdraw(signature_id=pk, now=timezone.now()))  # type: ignore[misc]
        if n % 3 == 1:
            mended = mine.Mended(**mine.mended_by(person).__dict__ | {"affiliation": "The New Band"})
            acts.append(lambda pk=person.pk, m=mended: mine.mend(signature_id=pk, mended=m, now=timezone.now()))  # type: ignore[misc]
    acts += [rotate, rotate]
    waiting = acts[::-1]

    def some() -> int:
        while waiting:
            try:
                act = waiting.pop()
            except IndexError:
                break
            act()
        return 0

    at_once(4, some)
    assert "No address and no digest" in rotate()
    for n in range(20):
        assert live(f"p{n}@example.org") == 1 if n % 3 else live(f"p{n}@example.org") <= 1
    assert Signature.objects.filter(affiliation="The New Band").count() == 7
    assert Signature.objects.filter(state=State.WITHDRAWN).count() == 7
    keys.forget_old()
    assert all(sealing.unseal(bytes(s.address_sealed)) for s in Signature.objects.all())
    assert tally.repair() == {}


def test_nothing_but_the_two_columns_changes(client: Client, mailbox: Catcher, keys: Keys) -> None:
    signature = signed()
    sign_up(client, mailbox, email="open@example.org", name="Oscar Open")
    mine.ask(address=ADDRESS, language="en", now=timezone.now())
    withdrawn = signed(address="gone@example.org", name="Greta Gone")
    mine.withdraw(signature_id=withdrawn.pk, now=timezone.now())
    report(signature)
    tally.fold()
    ledger.catch_up(timezone.now())
    lines, acts = list(ledger.read()), Act.objects.count()
    before = columns()
    keys.draw()
    said = rotate("--check")
    assert "signup: 3 rows, 3 under older keys" in said
    assert "run `manage.py rotate_keys`" in said
    assert "4 rows looked at" not in rotate()
    assert columns() == before
    ledger.catch_up(timezone.now())
    assert (list(ledger.read()), Act.objects.count()) == (lines, acts)
    assert tally.repair() == {}


def report(signature: Signature) -> None:
    """Somebody says that an entry is wrong, and leaves an address."""
    listing.report(
        number=signature.number or 0, wrong=Wrong.MISSPELT, words="One p.", address="reader@example.org", language="en",
        now=timezone.now(),
    )  # fmt: skip


def test_repeated_it_does_nothing(keys: Keys) -> None:
    signature = signed()
    report(signature)
    keys.draw()
    rotate()
    before = columns(but=())
    said = rotate()
    assert columns(but=()) == before
    assert "moved" not in said
    assert "can go from the environment" in said
    assert ADDRESS not in said


def test_it_takes_up_where_it_was_killed(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(9):
        signed(address=f"p{n}@example.org", name=f"Person Number{n}")
    keys.draw()
    monkeypatch.setattr(rotation, "BATCH", 4)
    writes = rotation._write
    done = count()

    def killed(*args: object) -> int:
        if next(done) == 3:
            raise KeyboardInterrupt
        return writes(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(rotation, "_write", killed)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    monkeypatch.setattr(rotation, "_write", writes)
    half = {
        bytes(s.address_digest) == sealing.digests_of(s)[0] for s in [*Signature.objects.all(), *Signup.objects.all()]
    }
    assert half == {True, False}
    for n in range(9):  # halfway everybody is found and nobody signs twice
        assert len(finding.find(f"p{n}@example.org").signatures) == 1
        signed(address=f"p{n}@example.org", name=f"Person Number{n}")
    assert Signature.objects.count() == 9
    rotate()
    keys.forget_old()
    assert len(finding.find("p7@example.org").signatures) == 1


def test_everything_of_a_mailbox_is_found_under_each_key(client: Client, mailbox: Catcher, keys: Keys) -> None:
    signature = signed(address="reader@example.org", name="Rita Reader")
    report(signature)
    sign_up(client, mailbox, email="reader@example.org", name="Rita Reader")
    mine.ask(address="reader@example.org", language="en", now=timezone.now())

    def kept() -> dict[str, object]:
        found = own_data.of_mailbox("reader@example.org")
        found["mails_a_day"] = [day["sent"] for day in found["mails_a_day"]]  # carried over as a row of its own
        return found

    before = kept()
    assert all(before[what] for what in ("signatures", "signups", "letters", "reports", "mails_a_day"))
    keys.draw()
    assert kept() == before
    found = finding.find("reader@example.org")
    assert len(found.signatures) == 1
    rotate()
    assert kept() == before
    keys.forget_old()
    assert kept() == before
    keys.draw()
    assert retention.erase_mailbox(address="reader@example.org", reason="asked", now=timezone.now()) >= 3
    assert not Letter.objects.exists() and not Correction.objects.exists() and not MailAllowance.objects.exists()
    assert Signature.objects.get().name == ""


def test_the_day_s_mails_are_counted_on(client: Client, mailbox: Catcher, keys: Keys) -> None:
    for n in range(3):
        sign_up(client, mailbox, affiliation=f"Band {n}")
    keys.draw()
    for n in range(4):
        post_form(client, affiliation=f"New Band {n}")
        outbox.drain()
    assert len(mailbox.of(ADDRESS)) == 5
    assert MailAllowance.objects.get().sent == 5


@pytest.mark.parametrize("rotated", [False, True])
def test_reminders_know_what_happened_under_the_other_key(
    client: Client, mailbox: Catcher, keys: Keys, rotated: bool
) -> None:
    """Before: one asked, one was reminded. After: the first signs by another form, the second asks again."""
    sign_up(client, mailbox, email="signs@example.org", name="Sina Signs")
    sign_up(client, mailbox, email="asks@example.org", name="Asta Asks")
    sign_up(client, mailbox, email="waits@example.org", name="Wim Waits")
    keys.draw()
    signed(address="signs@example.org", name="Sina Signs Differently")
    if rotated:
        rotate()
    with time_machine.travel(timezone.now() + timedelta(hours=24)):
        sign_up(client, mailbox, email="asks@example.org", name="Asta Asks Again")
    mailbox.mails.clear()
    with time_machine.travel(timezone.now() + timedelta(hours=49)):
        reminders.remind(timezone.now())
        outbox.drain()
        assert [mail.to for mail in mailbox.mails] == [["waits@example.org"]]
    keys.draw()
    with time_machine.travel(timezone.now() + timedelta(hours=80)):
        reminders.remind(timezone.now())
        outbox.drain()
        assert [mail.to for mail in mailbox.mails] == [["waits@example.org"], ["asks@example.org"]]


def test_a_stop_holds_as_long_as_anybody_knows_whose_it_is(client: Client, mailbox: Catcher, keys: Keys) -> None:
    """Known by a signup it is moved by the command; else when its mailbox is seen again, while the key is there."""
    for name in ("known", "unknown"):
        client.post(sign_up(client, mailbox, email=f"{name}@example.org").path("stop"))
    Signup.objects.filter(address_digest=sealing.digest("unknown@example.org")).delete()
    ledger.catch_up(timezone.now())
    keys.draw()
    said = rotate()
    assert "1 mailboxes that want no mail" in said
    assert "can go" not in said
    mailbox.mails.clear()
    for name in ("known", "unknown"):
        post_form(client, email=f"{name}@example.org", name="Sent By A Stranger")
    outbox.drain()
    assert mailbox.mails == []
    assert "can go from the environment" in rotate()
    keys.forget_old()
    post_form(client, email="unknown@example.org", name="Sent Once More")
    outbox.drain()
    assert mailbox.mails == []
    ledger.catch_up(timezone.now())
    in_force = {hex_ for hex_, line in ledger.stops(ledger.read()).items() if line.kind == ledger.Kind.STOPPED}
    assert in_force == {sealing.digest(f"{name}@example.org").hex() for name in ("known", "unknown")}


def test_a_stop_is_taken_back_under_every_key(client: Client, mailbox: Catcher, keys: Keys) -> None:
    path = sign_up(client, mailbox).path("stop")
    client.post(path)
    keys.draw()
    assert b"allow" in client.get(path).content
    client.post(path, {"allow": "1"})
    assert not StoppedMailbox.objects.exists()
    assert "stop" in read_mail(mailbox).text


def test_digests_of_the_erased_are_counted_until_they_go(keys: Keys) -> None:
    signature = signed()
    later = signed(address="later@example.org", name="Lena Later")
    retention.erase_mailbox(address=ADDRESS, reason="asked", now=timezone.now())
    Signature.objects.filter(pk=signature.pk).update(digest_key=b"")  # erased by the version before
    keys.draw()
    said = rotate()
    until = timezone.now() + timedelta(days=30)
    assert "1 digests of erased persons" in said
    assert f"{until:%Y-%m-%d}" in said
    assert len(finding.find(ADDRESS).signatures) == 1
    Signature.objects.filter(pk=later.pk).update(address_digest=sealing.digests("later@example.org")[1])
    retention.erase_mailbox(address="later@example.org", reason="asked", now=timezone.now())
    assert "1 digests of erased persons" in rotate("--check")
    with time_machine.travel(until + timedelta(days=1)):
        retention.forget(timezone.now())
        assert "can go from the environment" in rotate("--check")


def test_a_row_no_key_opens_is_reported_and_left(keys: Keys) -> None:
    lost, fine = signed(), signed(address="fine@example.org", name="Fay Fine")
    foreign = Fernet(Fernet.generate_key()).encrypt(ADDRESS.encode())
    Signature.objects.filter(pk=lost.pk).update(address_sealed=foreign)
    keys.draw()
    with pytest.raises(CommandError, match=rf"signature: no key of MAILBOX_KEYS opens 1 \(id {lost.pk}\)"):
        rotate()
    lost.refresh_from_db()
    assert bytes(lost.address_sealed) == foreign
    assert lost.state == State.PUBLISHED
    keys.forget_old()
    fine.refresh_from_db()
    assert sealing.unseal(bytes(fine.address_sealed)) == "fine@example.org"


def test_two_live_signatures_in_one_place_are_told_and_not_lost(keys: Keys) -> None:
    """As after a deployment where one server did not know the other's key yet."""
    first = signed()
    keys.settings.DIGEST_KEY_FALLBACKS, keys.settings.DIGEST_KEY = [], "not known to the other server"
    Signup.objects.all().delete()
    second = signed(address="other@example.org")
    Signature.objects.filter(pk=second.pk).update(
        address_sealed=first.address_sealed, address_digest=sealing.digest(ADDRESS)
    )
    keys.settings.DIGEST_KEY_FALLBACKS = ["only-for-tests"]
    with pytest.raises(CommandError, match=rf"the mailbox of 1 \(id {first.pk}\) has another live signature"):
        rotate()
    assert live() == 2
    mine.withdraw(signature_id=second.pk, now=timezone.now())
    assert "can go from the environment" in rotate()


def test_a_row_that_somebody_holds_comes_later(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = signed(), signed(address="second@example.org", name="Sven Second")
    keys.draw()
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Signature.objects.select_for_update().get(pk=first.pk)
            held.set()
            let_go.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)
    seen = iter(range(100))
    monkeypatch.setattr(rotation.time, "sleep", lambda _seconds: next(seen) == 1 and let_go.set())
    said = rotate()
    holder.join()
    assert "can go from the environment" in said
    for row in (first, second):
        row.refresh_from_db()
        assert bytes(row.address_digest) == sealing.digest(sealing.unseal(bytes(row.address_sealed)))


def test_a_backup_from_before_is_restored_after(
    client: Client, mailbox: Catcher, keys: Keys, backed_up: Callable[[], Path]
) -> None:
    confirm = sign_up(client, mailbox, email="open@example.org", name="Oscar Open").path("confirm")
    client.post(sign_up(client, mailbox, email="stopped@example.org", name="Stan Stopped").path("stop"))
    signed()
    source = backed_up()
    keys.draw()
    rotate()
    ledger.catch_up(timezone.now())
    out = StringIO()
    call_command("restore", str(source), "--replace", stdout=out, stderr=out)
    assert "run `manage.py rotate_keys`" in out.getvalue()
    assert len(finding.find(ADDRESS).signatures) == 1
    rotate()
    keys.forget_old()
    keys.settings.SECRET_KEY_FALLBACKS = ["only-for-tests"]
    mailbox.mails.clear()
    assert client.post(confirm).status_code == 303
    post_form(client, email="stopped@example.org", name="Somebody Else")
    outbox.drain()
    assert mailbox.mails == []
    with pytest.raises(CommandError, match="another MAILBOX_KEYS and DIGEST_KEY"):
        call_command("restore", str(source), "--replace")
    after = backed_up()
    out = StringIO()
    call_command("restore", str(after), "--replace", stdout=out)
    assert "rotate_keys" not in out.getvalue()


@pytest.mark.parametrize("name", ["SECRET_KEY_FALLBACKS", "DIGEST_KEY_FALLBACKS"])
def test_a_comma_too_many_makes_no_empty_key(name: str) -> None:
    code = f"from declaration import settings; print(settings.{name})"
    env = os.environ | {name: "first, second,,"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['first', 'second']"
