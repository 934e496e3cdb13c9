"""Every address that strangers may ask for, found in the URLs of the site: a new one cannot be forgotten."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

# Pages of organizers and partners, behind their accounts. Each is tested where it belongs.
APART = ("desk/", "accounts/", "partner/", "hooks/", "mailbox/")
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


def public_addresses(values: Mapping[str, Sequence[str]], plain: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The addresses by the name of their URL. `values`: what may stand in a place of a path; `plain`: the whole
    addresses of patterns that are regular expressions."""
    found: dict[str, list[str]] = {}
    for name, route in _routes(get_resolver(), "", ""):
        if route.startswith(APART):
            continue
        if name in plain:
            paths = list(plain[name])
        else:
            places = _PLACE.findall(route)
            missing = [place for place in places if place not in values]
            assert not missing, f"{name} ({route}): give {missing} a value here, so that it is tested, too"
            filled = product(*(values[place] for place in places))
            paths = [_filled(route, dict(zip(places, chosen, strict=True))) for chosen in filled]
        right = {path: view for path in paths if (view := _view_of(path))}
        assert right, f"{name} ({route}) has no address that is right"
        for path, view in right.items():  # another pattern may have it before this one
            found.setdefault(view, [])
            found[view] += [path] if path not in found[view] else []
    return found


def _routes(resolver: URLResolver, start: str, namespace: str) -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        route = start + str(one.pattern)
        if isinstance(one, URLResolver):
            within = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _routes(one, route, within)
        elif isinstance(one, URLPattern):
            yield f"{namespace}{one.name}", route


def _filled(route: str, chosen: Mapping[str, str]) -> str:
    return "/" + _PLACE.sub(lambda place: chosen[place[1]], route)


def _view_of(path: str) -> str:
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return ""
