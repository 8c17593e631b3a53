"""What was done yesterday, so that a composed session brings something else as well."""

from contextlib import suppress
from datetime import timedelta

from audioguide.errors import EnvironmentFailure
from audioguide.player.history import SessionLog
from audioguide.system import clock


def find_recent_poses() -> frozenset[str]:
    """The ids of the poses that were heard yesterday; today's do not count, so that a session stays the same all day.

    None where the log cannot be read: a session needs no log, and `audioguide log` says what is wrong with it.
    """
    with suppress(EnvironmentFailure):
        yesterday = clock.now().date() - timedelta(days=1)
        records = SessionLog(lambda _: None).records()
        return frozenset(pose for record in records if record.day == yesterday for pose, _ in record.holds)
    return frozenset()
