"""A report of the log for a physiotherapist: its data, as a table, and what stands on its page."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import reduce
from typing import Any, get_args

from audioguide.draw.render import to_pdf
from audioguide.draw.report_page import ReportPage, SessionBar, draw_report
from audioguide.errors import RequestError
from audioguide.model.selectors import pose_names
from audioguide.player import history
from audioguide.player.history import ADVISED_DAYS, ADVISED_MINUTES, Felt, SessionRecord, Week
from audioguide.routine.load import read_library
from audioguide.session.handout import Words, load_words
from audioguide.system import paths

_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")  # a cell that begins so may be run as a formula by a spreadsheet


@dataclass(frozen=True, slots=True)
class LogReport:
    """The sessions of some weeks, the last of them that of `last`; `person` and `plan` may be empty."""

    first: date
    last: date
    records: tuple[SessionRecord, ...]
    person: str = ""
    plan: str = ""

    @property
    def weeks(self) -> list[Week]:
        """All weeks from that of the first day to that of the last."""
        days = (history.find_monday(self.last) - history.find_monday(self.first)).days
        return history.group_by_week(self.records, self.last, days // 7 + 1)

    def to_json(self) -> dict[str, Any]:
        """The report as data: what `log --json` has, and whom and which days it is about."""
        head = {"for": self.person, "plan": self.plan, "from": str(self.first), "to": str(self.last)}
        return head | describe_log(self.weeks, self.records)

    def to_csv(self) -> bytes:
        """A row a session, in UTF-8 with a mark by which Excel knows it; nothing in it is a formula."""
        file = io.StringIO()
        rows = [{key: _to_cell(value) for key, value in describe_record(record).items()} for record in self.records]
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
        return file.getvalue().encode("utf-8-sig", "replace")

    def to_pdf(self, language: str) -> bytes:
        """The page as a PDF. RequestError for a language that has no words for it."""
        own = paths.sheet_words_file(language)
        if own is None:
            raise RequestError(f"There are no words for a report in {language!r}.", "Write en, de or es.")
        names = pose_names(read_library(language)[0])
        words = {**load_words(paths.sheet_words_file("en") or own), **load_words(own)}
        title = " – ".join(filter(None, (words["report"], self.person)))
        return to_pdf([draw_report(self.to_page(words, names))], title, language)

    def to_page(self, words: Words, poses: Mapping[str, str]) -> ReportPage:
        """The page, in the language of `words`; `poses` are names of poses by their id."""

        def say(key: str, **values: object) -> str:
            return reduce(lambda text, one: text.replace(f"{{{one[0]}}}", str(one[1])), values.items(), words[key])

        def say_day(day: date) -> str:
            return say("day_month", day=day.day, month=words["months"].split()[day.month - 1])

        weeks, felt, hurts = self.weeks, Counter(record.felt for record in self.records), Counter[str]()
        bars: list[list[SessionBar]] = [[] for _ in weeks]
        longest: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(weeks))
        pain: list[str] = []
        for record in self.records:
            week = (record.day - weeks[0].monday).days // 7
            bars[week].append(SessionBar(record.heard / 60, record.felt or "", bool(record.hurt)))
            for pose, seconds in record.holds:
                longest[pose][week] = max(longest[pose][week], seconds)
            hurts.update(record.hurt)
            if record.hurt:
                names = ", ".join(poses.get(pose, pose) for pose in record.hurt)
                pain.insert(0, f"{say_day(record.day)}: {names} ({record.title})")
        mean = f"{sum(week.days for week in weeks) / len(weeks):.1f}".replace(".", words["point"])
        facts = {
            "sessions": str(sum(record.counts for record in self.records)),
            "days": mean,
            "minutes": say("minute", n=round(sum(record.heard for record in self.records) / 60)),
            "felt": " / ".join(str(felt[kind]) for kind in get_args(Felt)),
        }
        first, last = (f"{say_day(day)} {day.year}" for day in (self.first, self.last))
        about = self.person, self.plan and say("of_plan", plan=self.plan), say("span", first=first, last=last)
        return ReportPage(
            " · ".join(filter(None, about)),
            tuple((value, words[f"fact_{key}"]) for key, value in facts.items()),
            tuple((say_day(week.monday), week.days, tuple(bar)) for week, bar in zip(weeks, bars, strict=True)),
            tuple((poses.get(pose, pose), hurts[pose], tuple(held)) for pose, held in longest.items()),
            tuple(pain),
            words,
        )


def describe_log(weeks: Sequence[Week], records: Sequence[SessionRecord]) -> dict[str, Any]:
    """Weeks and sessions as data for JSON."""
    return {
        "advised": {"days": list(ADVISED_DAYS), "minutes": list(ADVISED_MINUTES)},
        "days_a_week": history.find_mean_days(weeks),
        "weeks": [
            {"monday": week.monday.isoformat(), "days": week.days, "minutes": [round(day, 2) for day in week.minutes]}
            for week in weeks
        ],
        "sessions": [describe_record(record) for record in records],
    }


def describe_record(record: SessionRecord) -> dict[str, Any]:
    """A session as data for JSON; the times are seconds."""
    kept = ("end", "running", "done", "counts", "felt", "plan", "plan_day", "source")
    return {
        "started": record.started.isoformat(timespec="seconds"),
        "routine": record.key,
        "title": record.title,
        "heard": round(record.heard, 3),
        "length": record.length and round(record.length, 3),
        **{key: getattr(record, key) for key in kept},
        "hurt": list(record.hurt),
        "holds": dict(record.holds),
        "left": record.mark and asdict(record.mark),
    }


def _to_cell(value: Any) -> Any:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict() | list():
            parts = (f"{key}: {part}" for key, part in value.items()) if isinstance(value, dict) else value
            return _to_cell("; ".join(parts))
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_RISKY) else value
