"""Files that arrive slowly."""

import io
import threading


class Held(io.BytesIO):
    """A file that arrives only when it is told to go on."""

    def __init__(self, content: bytes, began: threading.Event, go_on: threading.Event) -> None:
        super().__init__(content)
        self.began, self.go_on = began, go_on

    def read(self, size: int | None = -1) -> bytes:
        self.began.set()
        self.go_on.wait(20)
        return super().read(size)
