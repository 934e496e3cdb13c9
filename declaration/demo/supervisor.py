"""Restarts of a program that ended, as systemd or a container's restart policy does; for demo and tests. No Django.

A Celery worker may end by itself when its broker dies under it (kombu fails while it returns unfinished tasks);
the work waits in the database, so a restart is enough.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 15


class SupervisedProcess:
    """A command in a process group of its own, its output appended to a log."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], log: Path, folder: Path) -> None:
        self.command, self.env, self.log, self.folder = list(command), env, log, folder
        self.restarts = 0
        self.process = self._start()

    def restart_ended(self) -> None:
        """Start it again if it has ended; first kill its children, which would hold its port."""
        if self.process.poll() is not None:
            self._kill_group()
            self.restarts += 1
            self.process = self._start()

    def stop(self) -> None:
        """Send SIGTERM, and SIGKILL after STOP_SECONDS; harmless when repeated."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Kill it and its children at once, as a crash does."""
        self._kill_group()
        self.process.wait()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                self.command, cwd=self.folder, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
