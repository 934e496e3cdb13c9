"""Does the proxy in front drop headers that the web server would take for those of the proxy?"""

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

FORGED = {"X_Forwarded_Proto": "http"}


def passes_forged_headers(site_url: str, *, timeout: float = 10.0) -> bool:
    """Whether `X_Forwarded_Proto` of a stranger reaches the application, and with it `X_Forwarded_For`.

    Asked with the scheme http, a page that is served by https only answers with a redirect to its own address.
    Raises OSError if the site does not answer, ValueError if it is not served by https.
    """
    url = urlsplit(site_url)
    if url.scheme != "https":
        raise ValueError("only a site that is served by https can be asked")
    connection = http.client.HTTPSConnection(url.hostname or "", url.port, timeout=timeout)
    return redirects_to_itself(connection, url.netloc, FORGED)


def redirects_to_itself(connection: http.client.HTTPConnection, host: str, headers: Mapping[str, str]) -> bool:
    """Whether a page asked with these headers is answered by a redirect to the same site by https."""
    try:
        connection.request("GET", "/about/", headers={"Host": host} | dict(headers))
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return answer.status == 301 and answer.getheader("Location", "").startswith(f"https://{host}/")
