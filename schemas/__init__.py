"""Shapes that cross a boundary. Everything else imports this, and so keeps time by one edition of the tz database.

Python would take the machine's own zones, which may be years old, before those of the tzdata package. In November 2026
that was an hour's difference in Vancouver, Edmonton, Winnipeg and Casablanca.
"""

import zoneinfo

zoneinfo.reset_tzpath(to=())
zoneinfo.ZoneInfo.clear_cache()
