"""Names that would run, or break a page, if they were not shown as text."""

PAYLOADS = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'-alert(1)-'", "{{1337*1337}}", "{% debug %}", "</title><svg onload=alert(1)>",
    "<!-- marker", "javascript:alert(1)", "&lt;script&gt;", "\\u003cscript\\u003e", "<bdi>marker", "${1337*1337}", "]]>", "<a href='//evil.example'>x</a>",
]  # fmt: skip
