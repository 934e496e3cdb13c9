"""The word for a kind of row outside the database: in logs, Message-IDs and the erasure log.

It is the name of the table, which stays when a model is renamed. So a line written years ago still finds its row.
"""

from django.apps import apps
from django.db.models import Model


def stored_name(row: Model | type[Model]) -> str:
    """The word for a row or a model: `signature`, `signup`, `letter`, `correction`."""
    return row._meta.db_table.removeprefix("signatories_")


def model_of(word: str) -> type[Model]:
    """The model of a word of `stored_name`. Raises LookupError."""
    for model in apps.get_app_config("signatories").get_models():
        if stored_name(model) == word:
            return model
    raise LookupError(word)
