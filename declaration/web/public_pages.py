"""The public pages that the page cache holds, by the name of their URL, with the query parameters that matter."""

PUBLIC_PAGES: dict[str, tuple[str, ...]] = {
    "listing-list": ("q", "profession", "country", "letter", "after", "before"),
    **dict.fromkeys(("press-plot", "sharing-embed", "sharing-picture"), ("theme",)),
    **dict.fromkeys(("home", "listing-signature", "about", "privacy", "robots", "security", "tdmrep"), ()),
    **dict.fromkeys(("press-press", "press-cite", "press-editions", "press-edition", "press-verification"), ()),
    **dict.fromkeys(("api-page", "api-v1:openapi-json", "api-v1:count", "api-v1:corrections", "api-v1:days"), ()),
    "api-v1:tallies": ("language",),
    **dict.fromkeys(("api-v1:signatories", "api-v1:editions"), ("after", "size")),
    "api-v1:edition": (),
    "api-v1:updates": ("after", "size"),
    "news-updates": ("before",),
    **dict.fromkeys(("news-update", "news-feed"), ()),
    **dict.fromkeys(("sharing-guide", "sharing-preview", "sharing-preview-partner", "sharing-code"), ()),
    # The channel of a link is left out: the page is the same for all of them.
    **dict.fromkeys(("partners-list", "partners-page"), ()),
}
