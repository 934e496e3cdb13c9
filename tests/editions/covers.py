"""A cover, and a long name, for tests of documents."""

from datetime import UTC, datetime

from signatories.editions.document import Cover

COVER = Cover(
    title="Music is made by people",
    text_html="<p>A song is <em>made</em> by people. <a href='https://example.org/'>Read on</a>.</p>",
    language="en",
    edition=7,
    named=1300,
    unnamed=32,
    as_of=datetime(2026, 11, 23, 22, 24, tzinfo=UTC),
    site_url="https://declaration.example",
    operator_name="The Declaration Office",
    text_sha256="3f" * 32,
    version=2,
)
LONGEST = "Hubertus" * 23 + "Wolfes"  # 190 letters
