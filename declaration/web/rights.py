"""The licence of the data and the reservation of text and data mining: as machines read them, in one place.

The words are on the page of the API. The reservation follows the TDM Reservation Protocol (W3C community report), which
Article 4 of Directive (EU) 2019/790 asks for, and the field `Content-Usage` the IETF draft "aipref-attach".
"""

from django.conf import settings
from django.urls import reverse

RESERVED = 1
FOR_ROBOTS = "Content-Usage: train-ai=n"


def policy() -> str:
    """Return the address of the words: what may be done with numbers and with names."""
    return f"{settings.SITE_URL}{reverse('api-page')}#use"


def headers() -> dict[str, str]:
    """Return the headers of an answer that holds data of the declaration."""
    return {
        "Link": f'<{policy()}>; rel="license"',
        "TDM-Reservation": str(RESERVED),
        "TDM-Policy": policy(),
    }
