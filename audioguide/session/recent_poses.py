"""What was done lately, so that a composed session brings something else as well."""

from collections.abc import Iterable
from datetime import date, timedelta

from audioguide.player.history import SessionRecord


def recent_poses(records: Iterable[SessionRecord], today: date) -> frozenset[str]:
    """The poses that were heard today or yesterday, by their ids."""
    lately = (today, today - timedelta(days=1))
    return frozenset(pose for record in records if record.day in lately for pose, _ in record.holds)
