"""Drawing in a process of its own, which holds no secrets, and whose memory is free again when it ends."""

import json
import subprocess
import sys
from dataclasses import asdict

from signatories.editions import child_process
from signatories.press.drawing import TOO_MUCH, Drawn, Unusable, draw

SECONDS = 30
_MEMORY = 300 * 1024**2  # address space, of which libraries take a third


def drawn_apart(content: bytes) -> Drawn:
    """Draw the picture in `content`. Raises Unusable, also where the process takes too long or too much."""
    command, env = child_process.command(__name__), child_process.environment()
    try:
        done = subprocess.run(  # noqa: S603 - a module of ours
            command, input=content, stdout=subprocess.PIPE, env=env, timeout=SECONDS, check=True
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Unusable(TOO_MUCH) from error
    head, _line, files = done.stdout.partition(b"\n")
    told = json.loads(head)
    if "unusable" in told:
        raise Unusable(told["unusable"])
    size = told.pop("size")
    return Drawn(**told, content=files[:size], small=files[size:])


def main() -> None:
    """Read a picture from standard input; write a line of JSON, then the two files."""
    child_process.limit_memory(_MEMORY)
    try:
        drawn = draw(sys.stdin.buffer.read())
    except Unusable as error:
        sys.stdout.write(json.dumps({"unusable": str(error)}))
        return
    told = {name: value for name, value in asdict(drawn).items() if name not in ("content", "small")}
    head = json.dumps(told | {"size": len(drawn.content)}).encode()
    sys.stdout.buffer.write(head + b"\n" + drawn.content + drawn.small)


if __name__ == "__main__":
    main()
