"""What an organizer is told about an alarm of each kind: what was done already, and what to press."""

from typing import NamedTuple

from signatories.models.alarm import AlarmKind


class Advice(NamedTuple):
    """`done`: what we did already, without anybody; `press`: where at the desk it is answered, and by what."""

    done: str
    press: str


_NOTHING = "Nothing: signing goes on as before."
_ADVICE = {
    AlarmKind.DOMAIN: Advice(
        "All of them wait, also those who were published before it was seen. Nobody is refused.",
        "“Clusters”: look at all of them, and decide about all at once. A union's domain is put on the list as known.",
    ),
    AlarmKind.NETWORK: Advice(
        "Browsers from there solve a puzzle; above the limit people wait. A hall full of people is nothing bad.",
        "If it is a festival or an office, list its network as exempt. If not, have them wait.",
    ),
    AlarmKind.ARRIVALS: Advice(
        _NOTHING,
        "Look at the overview: is it the press, or one mail domain or country? In the second case, “Clusters”.",
    ),
    AlarmKind.WITHDRAWALS: Advice(
        "Each withdrawal was told to its mailbox, and can be undone from there for seven days.",
        "“Trail”, withdrawals: did they come together? Ask some of them.",
    ),
    AlarmKind.REPORTS: Advice("Nothing is taken down by a report alone.", "“Reports”: the most urgent stand first."),
    AlarmKind.ASKED: Advice(
        "Each mailbox gets a few mails a day at most, and whoever asks learns nothing.",
        "Nothing at once. If it goes on, “Settings”: a puzzle for everyone.",
    ),
    AlarmKind.TRAIL: Advice(
        "The place is kept as it was found; nothing was repaired.",
        "Tell whoever runs the server, and take no decision back until it is understood.",
    ),
    AlarmKind.DRIFT: Advice("The number was counted anew and is right.", "Tell whoever runs the server; put it aside."),
    AlarmKind.MAIL: Advice(
        "The mails wait and are tried again; none is lost. Signing goes on.",
        "“Mails” tells the error of the mail server. Tell whoever runs it.",
    ),
    AlarmKind.REFUSED: Advice(
        "Mail to this domain waits and is tried now and then; mail to others goes on.",
        "Write to the postmaster of the domain, or ask your mail provider to.",
    ),
    AlarmKind.HELD: Advice(
        "Their own page tells them that a person looks at the name.", "“Waiting”: the urgent ones stand first."
    ),
    AlarmKind.LOOKS: Advice(
        "Each look stands on the trail with its reason.", "Ask the organizer. If need be, close the account."
    ),
    AlarmKind.GATHERED: Advice(
        "The file is paused: nobody in it gets a mail.",
        "“Partners”, the file: ask the partner, then go on or take it back.",
    ),
}


def advice(kind: str) -> Advice:
    """Return what organizers are told of a kind of alarm."""
    return _ADVICE[AlarmKind(kind)]
