"""Simplification of the structure tree that WeasyPrint writes: two elements for a name instead of six to nine.

The process that merges the parts keeps every element in memory. A screen reader gains as well: a name and its detail
are one item of the list. Dictionaries are those of pydyf; an element is referred to as b"12 0 R".
"""

from typing import Any

_INLINE = {"/Span", "/NonStruct"}
_HOLDS_TEXT = {"/P", "/LBody", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", *_INLINE}
_PLAIN = {"S", "K", "Pg", "P"}

type Element = dict[str, Any]


def simplify(pdf: Any) -> None:
    """Join elements that say nothing with those around them. What is left of them are empty dictionaries, since the
    objects of `pdf` are numbered already."""
    root = _at(pdf, pdf.catalog["StructTreeRoot"])
    joined: dict[bytes, bytes] = {}
    for reference in root["K"]:
        _simplify(pdf, reference, joined)
    owners = _at(pdf, root["ParentTree"])["Nums"]
    for place in range(1, len(owners), 2):
        owner = owners[place]  # of a link, or those of a page's texts
        if isinstance(owner, list):
            owner[:] = [_joined(reference, joined) for reference in owner]
        else:
            owners[place] = _joined(owner, joined)


def _simplify(pdf: Any, reference: bytes, joined: dict[bytes, bytes]) -> None:
    """Simplify an element and all below it; `joined` tells which element has taken the place of which."""
    element = _at(pdf, reference)
    element.pop("Type", None)
    if element["S"] == "/L":
        _move_details(pdf, element["K"])
    kids: list[int | bytes] = []
    for kid in element["K"]:
        child = None if isinstance(kid, int) else _at(pdf, kid)
        if child is None or "S" not in child:  # a text, or the place of a link
            kids.append(kid)
            continue
        _simplify(pdf, kid, joined)
        if _says_nothing(child, element):
            kids += _kids(child)
            joined[kid] = reference
            child.clear()
        else:
            kids.append(kid)
    element["K"][:] = kids
    if len(kids) == 1 and isinstance(kids[0], int):
        element["K"] = kids[0]


def _move_details(pdf: Any, items: list[bytes]) -> None:
    """Move each block between the items of a list into the body of the item before it."""
    kept: list[bytes] = []
    for reference in items:
        element = _at(pdf, reference)
        if element["S"] != "/Div" or not kept:
            kept.append(reference)
            continue
        body = _at(pdf, kept[-1])["K"][-1]
        for kid in element["K"]:
            _at(pdf, kid)["P"] = body
        _at(pdf, body)["K"] += element["K"]
        element.clear()
    items[:] = kept


def _says_nothing(child: Element, parent: Element) -> bool:
    """Whether a child only wraps texts, which its parent may hold itself."""
    wraps = child["S"] in _INLINE and child.keys() <= _PLAIN and child["Pg"] == parent.get("Pg")
    return wraps and parent["S"] in _HOLDS_TEXT and all(isinstance(kid, int) for kid in _kids(child))


def _kids(element: Element) -> list[int | bytes]:
    kids = element["K"]
    return kids if isinstance(kids, list) else [kids]


def _joined(reference: bytes, joined: dict[bytes, bytes]) -> bytes:
    while reference in joined:
        reference = joined[reference]
    return reference


def _at(pdf: Any, reference: bytes) -> Element:
    element: Element = pdf.objects[int(reference.split()[0])]
    return element
