"""How dates and numbers are written, where Django's formats of a language do not suit a public document.

The names are Django's (`FORMAT_MODULE_PATH`). Templates ask for DATE_FORMAT, DATETIME_FORMAT and MONTH_DAY_FORMAT
(short: it stands below a chart), never for a pattern of their own: "j F Y" is right in few languages. A language
without a folder here has Django's.
"""
