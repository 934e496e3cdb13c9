"""Time stamps (RFC 3161) beside the files of editions, where TIMESTAMP_URL names an authority.

Best effort: an edition never waits for one. What fails is tried again, until the edition is a day old. We check that
the answer is about this file and this question; that an authority signed it is checked by those who rely on it.
"""

import logging
import os
import subprocess
from datetime import datetime, timedelta

from cryptography.x509 import ObjectIdentifier
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet
from rfc3161_client import HashAlgorithm, TimeStampRequest, TimestampRequestBuilder, decode_timestamp_response

from declaration.database.one_at_a_time import one_at_a_time
from signatories.editions import child_process
from signatories.editions.time_authority import LONGEST_ANSWER
from signatories.models import EditionFile
from signatories.models.edition import EditionState

logger = logging.getLogger(__name__)
ANSWER_SECONDS = 5.0  # for the whole exchange
AT_ONCE = 12  # files for one tick
TRIED_FOR = timedelta(days=1)
NEXT_TRY = timedelta(minutes=5)
_LOCK = 0xED25
# The way to the internet and the certificates of this machine, which other child processes do not need.
_FOR_THE_WAY = ("http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_GRANTED = (0, 1)  # with modifications, too
_SHA256 = ObjectIdentifier("2.16.840.1.101.3.4.2.1")


class NotStamped(Exception):
    """The authority gave no usable answer; the message says why."""


def stamp_waiting(now: datetime) -> int:
    """Have files stamped, the newest edition first; returns how many were. Ends at the first that fails.

    While another process does so, nothing is done: a slow authority holds one worker at most.
    """
    if not settings.TIMESTAMP_URL:
        return 0
    with one_at_a_time(_LOCK) as free:
        return _stamp(now) if free else 0


def _stamp(now: datetime) -> int:
    done = 0
    for file in _waiting(now)[:AT_ONCE]:
        try:
            token = _ask(file)
        except NotStamped as why:
            logger.warning("no time stamp for %s: %s", file.name, why)
            EditionFile.objects.filter(pk=file.pk).update(stamp_after=now + NEXT_TRY)
            break
        done += EditionFile.objects.filter(pk=file.pk, stamp=None).update(stamp=token)
    return done


def _waiting(now: datetime) -> QuerySet[EditionFile]:
    rested = Q(stamp_after=None) | Q(stamp_after__lte=now)
    ready = EditionFile.objects.filter(rested, stamp=None, part__state=EditionState.READY).exclude(path="")
    recent = ready.filter(part__edition__as_of__gt=now - TRIED_FOR, part__edition__retired_at=None)
    return recent.select_related("part__edition").order_by("-part__edition", "stamp_after", "pk")


def _ask(file: EditionFile) -> bytes:
    """Return the authority's answer, as DER. Raises NotStamped."""
    try:
        with default_storage.open(file.path) as stored:
            content = stored.read()
    except OSError as error:
        raise NotStamped(f"the file cannot be read ({type(error).__name__})") from error
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    if request.message_imprint.message.hex() != file.sha256:
        raise NotStamped("the stored file is not the one that was made")
    return _checked(_posted(request.as_bytes()), request)


def _posted(question: bytes) -> bytes:
    """Return what the authority answers within ANSWER_SECONDS, from the first byte to the last. Raises NotStamped."""
    given = settings.TIMESTAMP_URL.encode() + b"\n" + question
    environment = child_process.environment() | {name: os.environ[name] for name in _FOR_THE_WAY if name in os.environ}
    try:
        asked = subprocess.run(  # noqa: S603 - our own module
            child_process.command("signatories.editions.time_authority"), input=given, capture_output=True,
            timeout=ANSWER_SECONDS, env=environment, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise NotStamped(f"the authority does not answer within {ANSWER_SECONDS:g} s") from error
    if asked.returncode:
        raise NotStamped(f"the authority does not answer ({asked.stderr.decode(errors='replace')[-100:]})")
    if len(asked.stdout) > LONGEST_ANSWER:
        raise NotStamped("the answer is too long")
    return asked.stdout


def _checked(answer: bytes, request: TimeStampRequest) -> bytes:
    """Return the answer if it is a time stamp for this request. Raises NotStamped."""
    try:
        response = decode_timestamp_response(answer)
        if response.status not in _GRANTED:
            raise NotStamped(f"the authority refused, status {response.status}")
        info = response.tst_info
        told = (info.message_imprint.hash_algorithm, info.message_imprint.message, info.nonce)
    except ValueError as error:
        raise NotStamped("the answer is no time stamp") from error
    if told != (_SHA256, request.message_imprint.message, request.nonce):
        raise NotStamped("the answer is about another file or question")
    return answer
