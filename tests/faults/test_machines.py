"""Two web processes, three workers on separate queues and a beat: the same journeys; restarts and migrations under load
lose nothing (F21), a second beat does no harm (F23)."""

import threading
import time
from pathlib import Path

from declaration.demo import embedded
from tests.faults.house import House, house, wait_for
from tests.faults.truths import count_is_rows_is_list, nobody_is_lost, one_link_each
from tests.faults.visitors import Told, crowd


def test_rolling_restart_and_migrate_under_load(tmp_path: Path) -> None:
    told, stop = Told(), threading.Event()
    with house(tmp_path, webs=2) as whole:
        whole.start_beat("second-beat")
        threads = crowd(whole, told, stop, 4, 1)
        time.sleep(3)
        before = len(told.received)
        _drop_index(whole)
        during = len(told.received)
        _restart_one_by_one(whole)
        again = len(told.received)
        _build_index(whole)
        assert before < during <= again < len(told.received)
        time.sleep(3)
        stop.set()
        for thread in threads:
            thread.join(60)
        wait_for(lambda: not whole.rows("SELECT FROM signatories_signup WHERE mail_state = 'waiting'"), 60)
        wait_for(lambda: not whole.rows("SELECT FROM signatories_tallydelta"), 60)
        time.sleep(1.5)
        assert told.broken == []
        assert told.unavailable == told.hung.total() == 0
        assert len(told.received) > 20
        nobody_is_lost(whole, told)
        count_is_rows_is_list(whole)
        one_link_each(whole, told)
        assert {part for (part,) in whole.rows("SELECT part FROM signatories_pulse")} == {
            "beat", "mail", "housekeeping", "editions",
        }  # fmt: skip
        _one_list_for_both(whole)


# The newest migration that concerns an index alone, and the one before it. What came later is marked as not applied
# meanwhile, and stays as it is: the code that answers needs it.
_INDEX, _BEFORE = "0064", "0063"


def _drop_index(whole: House) -> None:
    """Migrate one step back beside the traffic."""
    whole.manage("migrate", "signatories", _INDEX, "--fake", "--verbosity=0")
    whole.manage("migrate", "signatories", _BEFORE, "--verbosity=0")


def _build_index(whole: House) -> None:
    """Migrate one step forward beside the traffic."""
    whole.manage("migrate", "signatories", _INDEX, "--verbosity=0")
    whole.manage("migrate", "--fake", "--verbosity=0")


def _restart_one_by_one(whole: House) -> None:
    """As a deployment does: out of the rotation, ended kindly, started anew, back in."""
    for port, part in list(whole.webs.items()):
        del whole.webs[port]
        time.sleep(0.5)  # requests under way
        part.stop()
        fresh = embedded.free_port()
        part.command = [word.replace(str(port), str(fresh)) for word in part.command]
        part.restart_ended()
        wait_for(lambda fresh=fresh: whole.ask("GET", "/healthz", port=fresh).status == 200, 60)  # type: ignore[misc]
        whole.webs[fresh] = part


def _one_list_for_both(whole: House) -> None:
    first, second = (whole.ask("GET", "/signatories/", port=port).body for port in whole.webs)
    assert first == second
