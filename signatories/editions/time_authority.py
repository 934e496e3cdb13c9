"""Asks a time stamping authority, as a child process: whoever started it ends it when it takes too long.

A time limit of a socket begins anew with each byte, so an authority that sends its headers one by one could hold the
worker for ever. Standard input holds the address on the first line, then the question. Standard output gets the answer.
If there is none, the process ends with 1 and says on standard error why.
"""

import http.client
import sys
import urllib.request

LONGEST_ANSWER = 100_000  # bytes; a usual one has 3 to 7 thousand
_SECONDS = 30.0  # for a child whose parent has died


def _main() -> int:
    address, question = sys.stdin.buffer.readline().decode().strip(), sys.stdin.buffer.read()
    headers = {"Content-Type": "application/timestamp-query"}
    post = urllib.request.Request(address, question, headers)  # noqa: S310 - an address of the operator's
    try:
        with urllib.request.urlopen(post, timeout=_SECONDS) as response:  # noqa: S310
            answer = response.read(LONGEST_ANSWER + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:  # no answer, or no valid HTTP or address
        sys.stderr.write(type(error).__name__)
        return 1
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
