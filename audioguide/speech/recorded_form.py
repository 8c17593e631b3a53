"""What lies beside recordings, as it is written."""

from __future__ import annotations

from pydantic import Field

from audioguide.routine.written import Form


class IndexForm(Form):
    """`index.yaml`: texts, and the files that they are recorded in."""

    recordings: dict[str, str] = Field(default_factory=dict)
