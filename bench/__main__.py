"""`make bench`: loads the product and its references in turns, prints ratios, writes bench/results.json."""

import argparse
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import django
from django.core.management import call_command

from bench import links, load, mail, puzzles, site, typesetting
from bench.reference import MAKE_TABLE
from bench.rows import Row, printed, say

RESULTS = Path(__file__).parent / "results.json"
LIST_SIZES = (500, 20_000)
CHANGED = 500  # names between two editions
EDITION_SIZES = (1_000, 4_000, 11_500, 50_000, 100_000)
MEASURED_ONCE = 50_000  # names; of longer lists one build is measured, after one that warms up
MEMORY_BUDGET = 300  # MB a process
MAIL_BUDGET = 5  # s
PRESENCE_BUDGET = 1000  # ms
WORKER_BUDGET = 320  # MB: what docker-compose.yml gives it


def main() -> None:
    """Measure everything, or the named parts."""
    options = _options()
    if options.what == ["load"]:
        say(load.report(load.measure(30 if options.quick else 600)))
        return
    if BY_WRK.intersection(options.what) and not shutil.which("wrk"):
        raise SystemExit("wrk is missing: install it (Debian: apt-get install wrk, macOS: brew install wrk).")
    rows: list[Row] = []
    with site.parts() as port:
        django.setup()
        if "list" in options.what:
            rows += _list(options)
        if "presence" in options.what:
            rows += printed(_presence(quick=options.quick))
        if "cards" in options.what:
            rows += printed(_cards(quick=options.quick))
        if "plots" in options.what:
            rows += printed(_plots(quick=options.quick))
        _prepare()
        if "watched" in options.what:
            rows += printed(_watched(port, quick=options.quick))
        if "moves" in options.what:
            rows += printed(_moves(port, quick=options.quick))
        if "trail" in options.what:
            rows += printed(_trail(quick=options.quick))
        if "desk" in options.what:
            rows += printed(_desk(quick=options.quick))
        if "rules" in options.what:
            rows += printed(_rules(quick=options.quick))
        if "gathered" in options.what:
            rows += printed(_gathered(quick=options.quick))
        for size in _growing(_sizes(options.what)):
            rows += printed(_at(size, port, options))
        if "mail" in options.what:
            rows += printed(_mail(quick=options.quick))
        if "news" in options.what:
            rows += printed(_news(quick=options.quick))
    if options.what == ALL and not options.quick:
        RESULTS.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    say(f"\nload of the machine at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


ALL = [
    "landing",
    "sign",
    "confirm",
    "watched",
    "list",
    "presence",
    "cards",
    "plots",
    "desk",
    "moves",
    "rules",
    "trail",
    "gathered",
    "edition",
    "mail",
    "news",
]
BY_WRK = {"landing", "sign", "confirm"}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*ALL, "load", []], metavar="|".join([*ALL, "load"]))
    parser.add_argument("--quick", action="store_true", help="one short round each: a try-out, nothing is written")
    options = parser.parse_args()
    options.what = options.what or ALL
    return options


def _prepare() -> None:
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.utils import timezone

    from declaration.demo import text as demo_text
    from signatories.demo import invented_partners
    from signatories.models import Setting

    call_command("migrate", verbosity=0)
    Setting.objects.update_or_create(
        name="free_per_minute", defaults={"value": 10**6, "changed_at": timezone.now()}
    )  # so that wrk gets no puzzle unless it is measured
    with connection.cursor() as cursor:
        cursor.execute(MAKE_TABLE)
    demo_text.publish()
    invented_partners.partners(get_user_model().objects.create(username="bench"))


def _sizes(what: list[str]) -> list[int]:
    """Return the numbers of names at which these parts are measured."""
    found = set(LIST_SIZES if BY_WRK.intersection(what) else ())
    return sorted(found.union(EDITION_SIZES if "edition" in what else ()))


def _growing(sizes: list[int]) -> Iterator[int]:
    """Fill the database step by step, and yield at each size."""
    from django.db import connection

    before = 0
    for size in sizes:
        _sign(size - before, seed=size)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        yield size
        before = size


def _at(size: int, port: int, options: argparse.Namespace) -> Iterator[Row]:
    """Measure with `size` names."""
    plan = site.LoadPlan(rounds=1, seconds=1) if options.quick else site.LoadPlan(rounds=5, seconds=4)
    if size in LIST_SIZES:
        with site.serving(port) as urls:
            if "landing" in options.what:
                yield from _page("landing", size, urls, "/", plan)
                yield from _page("landing in all languages", size, urls, "/", plan, "languages.lua")
                yield from _page("count", size, urls, "/api/v1/count", plan)
                yield from _page("partner page", size, urls, "/with/stage-hands/", plan)
                yield from _page("partner page by a channel", size, urls, "/with/stage-hands/?by=newsletter", plan)
            if "sign" in options.what:
                yield from _post("sign POST", size, urls, plan, "sign")
                with puzzles.for_everyone() as solutions:
                    yield from _post("sign POST with puzzle", size, urls, plan, "sign", solutions)
            if "confirm" in options.what:
                with links.to_confirm() as paths:
                    yield from _post("confirm POST", size, urls, plan, "confirm", paths)
    if size in EDITION_SIZES and "edition" in options.what:
        yield from _edition(size, times=1 if options.quick or size > MEASURED_ONCE else 3)


def _sign(people: int, seed: int) -> None:
    from django.utils import timezone

    from signatories.demo import invented_people
    from signatories.models import Signature

    invented_people.signatures(people, until=timezone.now(), seed=seed)
    Signature.objects.update(named=True)  # so that "size" is the number of names on the list


def _page(name: str, size: int, urls: site.Urls, path: str, plan: site.LoadPlan, script: str = "") -> Iterator[Row]:
    found = site.compare(f"{urls.site}{path}", f"{urls.reference}/empty", plan, script=script)
    return _rows(name, size, found, "empty view without middleware")


def _post(
    name: str, size: int, urls: site.Urls, plan: site.LoadPlan, script: str, lines: site.Lines | None = None
) -> Iterator[Row]:
    path = "/sign/" if script == "sign" else "/"  # confirm.lua reads its paths from its lines
    found = site.compare(f"{urls.site}{path}", f"{urls.reference}/insert", plan, script=f"{script}.lua", lines=lines)
    return _rows(name, size, found, "bare INSERT view")


def _rows(name: str, size: int, found: site.Comparison, reference: str) -> Iterator[Row]:
    yield Row(name, size, round(found.rate, 1), "requests/s", reference, round(found.ratio, 3))
    slower = round(found.longest / found.reference_longest, 2)
    yield Row(f"{name}, longest", size, round(found.longest), "ms", reference, slower)


def _list(options: argparse.Namespace) -> list[Row]:
    """Measure every kind of list page up to a hundred times as many names: the growth is the result."""
    from bench import listing

    taken = list(listing.measure(3 if options.quick else listing.ROUNDS))
    say(listing.table(taken))
    first = {row.name: row.milliseconds for row in taken if row.size == listing.SIZES[0]}
    return [
        Row(row.name, row.size, row.milliseconds, "ms", "its time at 10,000 names", round(row.milliseconds / base, 2))
        for row in taken
        if (base := first.get(row.name))
    ]


def _presence(*, quick: bool) -> Iterator[Row]:
    """Measure a look-up of as many names as one form takes: usual ones, and those that a thousand bear each."""
    from bench import presence

    usual, common = presence.measure(3 if quick else 9)
    for kind, found in (("", usual), (" very common", common)):
        share = round(found.milliseconds / PRESENCE_BUDGET, 2)
        name = f"presence of {found.asked}{kind} names, {found.found} there"
        yield Row(name, presence.SIZE, found.milliseconds, "ms", "budget of 1 s", share)


def _cards(*, quick: bool) -> Iterator[Row]:
    """Measure the drawing of cards; the size is the length of the name."""
    from bench import cards

    for found in cards.measure(5 if quick else 21):
        ratio = round(found.milliseconds / found.reference, 2)
        yield Row(
            f"card, {found.kind}",
            len(cards.NAMES[found.kind]),
            found.milliseconds,
            "ms",
            "the picture of the number",
            ratio,
        )


def _plots(*, quick: bool) -> Iterator[Row]:
    """Measure the drawing of plots; the size is the number of their rows."""
    from bench import plots

    for found in plots.measure(5 if quick else 21):
        ratio = round(found.milliseconds / found.reference, 2)
        name = f"plot, {found.plot}, {found.form}"
        yield Row(name, found.size, found.milliseconds, "ms", "an empty PNG", ratio)


def _watched(port: int, *, quick: bool) -> Iterator[Row]:
    """Measure a confirmation with growing lists of watched names; `size` is the number of these."""
    from bench import watched

    with site.serving(port) as urls:
        found = list(watched.measure(urls.site, rounds=5 if quick else 10, each=20 if quick else 40))
    base = found[0].milliseconds
    for row in found:
        took, ratio = row.milliseconds, row.milliseconds / base
        yield Row("confirm, watched names", row.size, round(took, 2), "ms", "its time with none", round(ratio, 2))
    reading = found[-1].reading
    name = "confirm that reads the watch list"
    yield Row(name, found[-1].size, round(reading), "ms", "its time with none", round(reading / base, 1))


def _gathered(*, quick: bool) -> Iterator[Row]:
    """Measure files of partners from upload to preview; the memory is that of the largest process that has read one."""
    from bench import gathered

    for found in gathered.measure(1 if quick else 3):
        name, ratio = f"preview of names, {found.form}", round(found.rate / found.reference, 2)
        yield Row(name, found.size, round(found.rate), "rows/s", "bare INSERT of the rows", ratio)
        yield Row(
            f"{name}, memory", found.size, round(found.memory), "MB", "budget of 200 MB", round(found.memory / 200, 2)
        )


def _moves(port: int, *, quick: bool) -> Iterator[Row]:
    """Measure a mass move of people who are taken away again, beside the bare UPDATE of their rows."""
    from django.utils import timezone

    from bench import moves
    from signatories.demo import invented_people

    invented_people.signatures(moves.SIZE, until=timezone.now(), seed=moves.SIZE)
    found = moves.measure(1 if quick else 3)
    for name, rate in (("mass move", found.rate), ("mass move, slowest verb", found.slowest)):
        ratio = round(rate / found.reference, 3)
        yield Row(name, moves.SIZE, round(rate), "moves/s", "bare UPDATE of the same rows", ratio)
    freezing = round(found.freezing * 1000)
    share = round(found.freezing * found.rate / moves.SIZE, 3)
    yield Row("mass move, freezing the set", moves.SIZE, freezing, "ms", "moving it", share)
    plan = site.LoadPlan(rounds=1, seconds=2) if quick else site.LoadPlan(rounds=5, seconds=8)
    with site.serving(port) as urls:
        beside = moves.measure_beside_signing(urls, plan)
    yield Row(
        "mass move while people sign",
        moves.SIZE,
        round(beside.rate),
        "moves/s",
        "2,000/s",
        round(beside.rate / 2000, 2),
    )
    yield Row("sign POST beside it", moves.SIZE, round(beside.kept * 100), "%", "its rate alone", round(beside.kept, 2))


def _trail(*, quick: bool) -> Iterator[Row]:
    """Measure sealing and checking the trail, and a single act with the queue for its seal and without."""
    from bench import trail

    found = trail.measure(1 if quick else 3)
    yield Row(
        "trail, sealed", trail.SIZE, round(found.sealing), "acts/s", "5,000 acts/s", round(found.sealing / 5000, 2)
    )
    checked = round(found.checking / found.sealing, 2)
    yield Row("trail, checked", trail.SIZE, round(found.checking), "acts/s", "sealing", checked)
    cost = round(found.queued / found.bare, 3)
    yield Row("one act, queued", trail.SINGLE, round(found.queued * 1e6), "µs", "not queued", cost)


def _desk(*, quick: bool) -> Iterator[Row]:
    """Measure the pages of the desk with many signatures and acts, against their time with few."""
    from bench import desk

    large = desk.QUICK if quick else desk.LARGE
    for page in desk.measure(3 if quick else 15, large):
        growth = round(page.large / page.small, 2)
        yield Row(f"desk, {page.name}", large.signatures, page.large, "ms", "its time at 1,000 signatures", growth)


def _rules(*, quick: bool) -> Iterator[Row]:
    """Measure previews of rules over a million signatures."""
    from bench import rules

    size = rules.QUICK if quick else rules.SIZE
    for each in rules.measure(1 if quick else 3, size):
        share = round(each.milliseconds / each.reference, 2)
        name = f"preview of a rule, {each.name}"
        yield Row(name, size, each.milliseconds, "ms", "a count of all signatures", share)


def _edition(size: int, times: int) -> Iterator[Row]:
    """Measure an edition beside Typst, and the list of one field beside the edition."""
    ours, typst = typesetting.measure("ours", times), typesetting.measure("typst", times)
    field = typesetting.measure("field", times)
    took, base = ours.seconds, typst.seconds
    yield Row("edition", size, round(took, 2), "s", "Typst, three plain columns", round(took / base, 2))
    yield Row(
        "edition, each name",
        size,
        round(took / size * 1000, 2),
        "ms",
        "Typst, three plain columns",
        round(took / base, 2),
    )
    _sign(CHANGED, seed=size + 1)
    typesetting.build("ours")
    changes = typesetting.measure("changes", times).seconds
    share = round(changes / took, 2)
    yield Row(f"edition, {CHANGED} changes", size, round(changes, 2), "s", "the whole edition", share)
    share = round(field.seconds / took, 2)
    yield Row("edition, list of music", size, round(field.seconds, 2), "s", "the whole edition", share)
    peak = max(ours.own_memory, ours.helper_memory)
    yield Row(
        "edition, largest process", size, round(peak, 1), "MB", "budget of 300 MB", round(peak / MEMORY_BUDGET, 2)
    )


def _mail(*, quick: bool) -> Iterator[Row]:
    """Measure mail at 2,000 signups a minute, and a backlog: to a local mail server, and to one 20 ms away."""
    seconds, backlog = (10, 300) if quick else (60, 2000)
    budget = f"budget of {MAIL_BUDGET} s"
    for where, away in (("", 0.0), (", 20 ms away", 0.02)):
        found = mail.measure(seconds=seconds, backlog=backlog, away=away)
        for name, lag in (("95 %", found.p95), ("half", found.median)):
            yield Row(f"mail{where}, {name}", found.mails, round(lag, 2), "s", budget, round(lag / MAIL_BUDGET, 3))
        ratio = round(found.rate / found.reference, 3)
        yield Row(f"mail{where}, backlog", backlog, round(found.rate, 1), "mails/s", "smtplib, built before", ratio)
        share = round(found.memory / WORKER_BUDGET, 2)
        limit = f"limit of {WORKER_BUDGET} MB"
        yield Row(f"mail{where}, worker", found.mails, round(found.memory, 1), "MB", limit, share)


def _news(*, quick: bool) -> Iterator[Row]:
    """Measure a mailing of news over one connection, beside `smtplib` sending the same mails."""
    from bench import news

    found = news.measure(300 if quick else 2000, 1 if quick else 3)
    ratio = round(found.rate / found.reference, 3)
    yield Row("news, one connection", found.size, round(found.rate, 1), "mails/s", "smtplib, built before", ratio)


if __name__ == "__main__":
    main()
