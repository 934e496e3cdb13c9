"""Names of models outside the database: in logs, Message-IDs and the erasure log.

They follow the table names, which stay when a model is renamed, so that old lines still identify their rows.
"""

from django.apps import apps
from django.db.models import Model


def stored_name(row: Model | type[Model]) -> str:
    """Return the name for a row or a model: `signature`, `signup`, `letter`, `correction`."""
    return row._meta.db_table.removeprefix("signatories_")


def model_of(word: str) -> type[Model]:
    """Return the model with that `stored_name`. Raises LookupError."""
    for model in apps.get_app_config("signatories").get_models():
        if stored_name(model) == word:
            return model
    raise LookupError(word)
