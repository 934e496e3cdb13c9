"""`python -m tests.house.wrong_clock SECONDS …`: celery by a clock that is so wrong; SIGUSR1 sets it back an hour."""

import signal
import sys
from datetime import UTC, datetime, timedelta

import time_machine
from celery.__main__ import main

if __name__ == "__main__":
    wrong = timedelta(seconds=float(sys.argv.pop(1)))
    clock = time_machine.travel(datetime.now(UTC) + wrong).start()
    signal.signal(signal.SIGUSR1, lambda _signal, _frame: clock.shift(-3600))
    sys.exit(main())
