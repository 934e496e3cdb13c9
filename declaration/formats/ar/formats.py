"""Arabic, with the digits that the rest of the page has."""

DATETIME_FORMAT = "j F Y، H:i"
MONTH_DAY_FORMAT = "j F"
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
