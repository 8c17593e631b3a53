"""The one clock: whoever needs the date or the time takes it from here, so that it can be set for a whole process."""

import os
from contextlib import suppress
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from audioguide.errors import EnvironmentFailure, RequestError


def now() -> datetime:
    """The local time, with its offset from UTC; or what `AUDIOGUIDE_NOW` says, for tests and demonstrations."""
    if not (text := os.environ.get("AUDIOGUIDE_NOW")):
        return datetime.now().astimezone()
    with suppress(ValueError, OverflowError, OSError):
        time = datetime.fromisoformat(text)
        if 1970 < time.year < 2200:
            return time if time.tzinfo else time.astimezone()
    raise RequestError(f"AUDIOGUIDE_NOW={text} is no time.", "Write 2026-12-01T18:30+01:00, or unset it.")


def local_zone() -> tzinfo:
    """The time zone of this machine, with its changes of clock; by its name where that is known."""
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
        return ZoneInfo(name) if name else tzlocal.get_localzone()
    except (LookupError, ValueError, OSError) as error:
        reason = "The time zone of this machine is not known"
        raise EnvironmentFailure(f"{reason}: {error}. Set TZ, as TZ=Europe/Berlin, or name a zone.") from None
