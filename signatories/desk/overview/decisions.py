"""The reader's own last decisions that can still be undone."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, F, OuterRef

from signatories.models import Act
from signatories.models.act import MOVES

SHOWN = 5
UNDONE_WITHIN = timedelta(days=1)  # that are shown; on the page of a signature there is no such limit


def undoable(account: AbstractBaseUser, now: datetime) -> list[Act]:
    """Return the newest own decisions of a day, newest first, of which the signature has not been moved again.

    Each kind of decision is read by itself, from an index, so that a long trail costs nothing.
    """
    own = Act.objects.of_the_desk().filter(organizer=account.pk).order_by("-pk").values_list("pk", flat=True)
    first, *others = (own.filter(verb=verb)[:SHOWN] for verb in MOVES)
    newest = sorted(first.union(*others, all=True), reverse=True)[:SHOWN]
    moved_again = Act.objects.filter(signature=OuterRef("signature"), verb__in=MOVES, pk__gt=OuterRef("pk"))
    acts = Act.objects.filter(pk__in=newest, acted_at__gt=now - UNDONE_WITHIN, signature__state=F("after"))
    return list(acts.exclude(before="").exclude(Exists(moved_again)).order_by("-pk"))
