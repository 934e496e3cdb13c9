"""Portuguese."""

MONTH_DAY_FORMAT = "j M"
