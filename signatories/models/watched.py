"""Names so well known that somebody may invent their signature. Organizers edit them at the desk."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from signatories.identity import names


class WatchedName(models.Model):
    """A watched name. A confirmed signature with a look-alike name is held."""

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
        """Store, with the keys by which look-alikes are found."""
        self.skeleton, self.search_key = names.skeleton(self.name), names.fold_untitled(self.name)
        super().save(*args, **kwargs)
