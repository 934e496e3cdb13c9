"""German."""

DATETIME_FORMAT = "j. F Y, H:i"
MONTH_DAY_FORMAT = "j. M"
