"""The forms of partners at the desk."""

import hashlib
import io
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from signatories.desk.forms import ReasonForm
from signatories.identity import addresses, names
from signatories.models import Partner
from signatories.models.partner import LONGEST_SLUG, Stance
from signatories.partners.forms import is_slug
from signatories.signing.forms import TidyField

LARGEST_LOGO = 200_000  # bytes; the form with it stays below declaration/web/uploads.py
MOST_PIXELS = 16_000_000
LOGO_BOX = (480, 160)  # pixels: twice what it is shown as
FORMATS = ("PNG", "JPEG", "WEBP")
NAME_TAKEN = "Another partner has this name, or one that looks like it."
SLUG_TAKEN = "Another partner has this address."
_NO_PICTURE, _TOO_LARGE = "This is no PNG, JPEG or WebP picture.", "This picture is too large."


class LogoField(forms.FileField):
    """A picture, drawn anew: what we store and send is never the file that came."""

    def clean(self, data: Any, initial: Any = None) -> bytes:
        """The picture as PNG; empty where none was chosen. Raises ValidationError."""
        file = super().clean(data, initial)
        if not isinstance(file, UploadedFile):
            return b""
        if (file.size or 0) > LARGEST_LOGO:
            raise forms.ValidationError("At most 200 KB, please.")
        return _redrawn(file.read())


def _redrawn(content: bytes) -> bytes:
    """The picture, at most as large as LOGO_BOX. Sizes are looked at before it is unpacked (decompression bombs)."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise forms.ValidationError(_TOO_LARGE)
            drawn = picture.convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise forms.ValidationError(_TOO_LARGE) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise forms.ValidationError(_NO_PICTURE) from error
    drawn.thumbnail(LOGO_BOX)
    out = io.BytesIO()
    drawn.save(out, "PNG", optimize=True)
    return out.getvalue()


class PartnerForm(forms.Form):
    """What a partner is called, and what its page says: a text for each language of the site."""

    name = TidyField(
        label="Name", longest=120, tidy=names.tidy_name, error_messages={"required": "Please type the name."}
    )
    site = forms.URLField(
        label="Web site", required=False, assume_scheme="https", error_messages={"invalid": "This is no address."}
    )
    stance = forms.ChoiceField(
        label="It",
        choices=Stance.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Please say whether it supports the declaration."},
    )
    logo = LogoField(
        label="Logo", required=False, help_text="PNG, JPEG or WebP, at most 200 KB. It is drawn anew.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )  # fmt: skip
    without_logo = forms.BooleanField(label="Show no logo", required=False)

    def __init__(self, *args: Any, partner_id: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.others = Partner.objects.exclude(pk=partner_id or 0)
        for code, language in settings.LANGUAGES:
            area = {"rows": 3, "dir": "auto", "lang": code}
            self.fields[f"sentence_{code}"] = TidyField(
                label=f"Its sentence, {language}", required=False, longest=600, tidy=names.tidy_words,
                help_text="What it says to its own people. Shown as a quotation.", widget=forms.Textarea(attrs=area),
            )  # fmt: skip
            self.fields[f"duties_{code}"] = TidyField(
                label=f"Who is responsible for what, {language}", required=False, longest=2000, tidy=names.tidy_words,
                help_text="Leave it empty if it only passes the link on: then the usual words stand there.",
                widget=forms.Textarea(attrs=area),
            )  # fmt: skip

    def clean_name(self) -> str:
        """A name that no other partner has: said with all other errors. Raises ValidationError."""
        name: str = self.cleaned_data["name"]
        if self.others.filter(skeleton=names.keys(name=name).skeleton).exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name

    def values(self) -> dict[str, Any]:
        """The columns of the partner."""
        cleaned = self.cleaned_data
        texts = {kind: self._texts(kind) for kind in ("sentence", "duties")}
        values = {"name": cleaned["name"], "site": cleaned["site"], "stance": cleaned["stance"]} | texts
        if cleaned["logo"] or cleaned["without_logo"]:
            logo = b"" if cleaned["without_logo"] else cleaned["logo"]
            values |= {"logo": logo, "logo_sha256": hashlib.sha256(logo).hexdigest() if logo else ""}
        return values

    def _texts(self, kind: str) -> dict[str, str]:
        found = {code: self.cleaned_data[f"{kind}_{code}"] for code, _language in settings.LANGUAGES}
        return {code: words for code, words in found.items() if words}


class NewPartnerForm(PartnerForm):
    """A new partner, with the address of its page, which stays."""

    slug = forms.CharField(
        label="Address of its page",
        help_text="What stands behind /with/: small letters, figures, hyphens. It stays.",
        max_length=LONGEST_SLUG,
        validators=[is_slug],
        error_messages={"required": "Please type the address."},
    )
    field_order = ("name", "slug")

    def clean_slug(self) -> str:
        """An address that no other partner has. Raises ValidationError."""
        slug: str = self.cleaned_data["slug"]
        if self.others.filter(slug=slug).exists():
            raise forms.ValidationError(SLUG_TAKEN)
        return slug

    def values(self) -> dict[str, Any]:
        """The columns of the partner."""
        return super().values() | {"slug": self.cleaned_data["slug"]}


class PartnerInvitationForm(ReasonForm):
    """Whom to invite for a partner, in which language they are written to, and why."""

    address = forms.EmailField(
        error_messages={"required": "Please type the address.", "invalid": "This is no address."}
    )
    language = forms.ChoiceField(choices=settings.LANGUAGES)

    def clean_address(self) -> str:
        """An address that can be mailed. Raises ValidationError."""
        addresses.check(self.cleaned_data["address"])
        return str(self.cleaned_data["address"])
