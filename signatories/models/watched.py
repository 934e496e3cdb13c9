"""Well-known names whose signature somebody may invent; maintained by organizers."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.identity import names


class WatchedName(models.Model):
    """A watched name; a confirmed signature that looks like it waits for a person."""

    name = models.CharField(_("name"), max_length=names.LONGEST_NAME, unique=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    skeleton = models.TextField(editable=False)
    search_key = models.TextField(editable=False)

    class Meta:
        verbose_name = _("watched name")
        verbose_name_plural = _("watched names")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the name with the keys that find look-alikes."""
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        """Compute the stored keys from the name; `save` does, `bulk_create` does not."""
        self.skeleton, self.search_key = names.skeleton(self.name), names.fold_untitled(self.name)
