"""A report of the log for a physiotherapist: its data, as a table, and what stands on its page."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from audioguide.draw.render import to_pdf
from audioguide.draw.report_page import ReportPage, SessionBar, draw_report
from audioguide.errors import RequestError
from audioguide.player import history
from audioguide.player.history import ADVISED_DAYS, ADVISED_MINUTES, SessionRecord, Week
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
        names = {step.pose.id: step.pose.name for step in read_library(language)[0] if step.pose.id}
        words = {**load_words(paths.sheet_words_file("en") or own), **load_words(own)}
        title = " – ".join(filter(None, (words["report"], self.person)))
        return to_pdf([draw_report(self.to_page(words, names))], title, language)

    def to_page(self, words: Words, poses: Mapping[str, str]) -> ReportPage:
        """The page, in the language of `words`; `poses` are names of poses by their id."""
        months = words["months"].split()

        def say(key: str, **values: object) -> str:
            text = words[key]
            for name, value in values.items():
                text = text.replace(f"{{{name}}}", str(value))
            return text

        def say_day(day: date, *, year: bool = False) -> str:
            text = say("day_month", day=day.day, month=months[day.month - 1])
            return f"{text} {day.year}" if year else text

        weeks, records = self.weeks, self.records
        mondays = [week.monday for week in weeks]
        bars: dict[date, list[SessionBar]] = {monday: [] for monday in mondays}
        longest: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * len(weeks))
        hurts: Counter[str] = Counter()
        for record in records:
            monday = history.find_monday(record.day)
            bars[monday].append(SessionBar(record.heard / 60, record.felt or "", bool(record.hurt)))
            hurts.update(record.hurt)
            for pose, seconds in record.holds:
                held = longest[pose]
                held[mondays.index(monday)] = max(held[mondays.index(monday)], seconds)
        counted = [record for record in records if record.counts]
        minutes, felt = sum(record.heard for record in records) / 60, Counter(record.felt for record in records)
        mean = sum(week.days for week in weeks) / len(weeks)
        facts = (
            (str(len(counted)), words["fact_sessions"]),
            (f"{mean:.1f}".replace(".", words["point"]), words["fact_days"]),
            (say("minute", n=round(minutes)), words["fact_minutes"]),
            (" / ".join(str(felt[kind]) for kind in ("easier", "right", "harder")), words["fact_felt"]),
        )
        pain = [
            f"{say_day(record.day)}: {', '.join(poses.get(pose, pose) for pose in record.hurt)} ({record.title})"
            for record in reversed(records)
            if record.hurt
        ]
        span = say("span", first=say_day(self.first, year=True), last=say_day(self.last, year=True))
        about = tuple(filter(None, (self.person, self.plan and say("of_plan", plan=self.plan), span)))
        return ReportPage(
            title=words["report"],
            about=" · ".join(about),
            facts=facts,
            weeks=tuple((say_day(week.monday), week.days, tuple(bars[week.monday])) for week in weeks),
            holds=tuple((poses.get(pose, pose), hurts[pose], tuple(held)) for pose, held in longest.items()),
            pain=tuple(pain),
            words=words,
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
    return {
        "started": record.started.isoformat(timespec="seconds"),
        "routine": record.key,
        "title": record.title,
        "heard": round(record.heard, 3),
        "length": record.length and round(record.length, 3),
        "end": record.end,
        "running": record.running,
        "done": record.done,
        "counts": record.counts,
        "felt": record.felt,
        "hurt": list(record.hurt),
        "plan": record.plan,
        "plan_day": record.plan_day,
        "source": record.source,
        "holds": dict(record.holds),
        "left": record.mark and asdict(record.mark),
    }


def _to_cell(value: Any) -> Any:
    if isinstance(value, dict):
        value = "; ".join(f"{key}: {part}" for key, part in value.items())
    elif isinstance(value, list):
        value = "; ".join(value)
    elif isinstance(value, bool):
        value = "yes" if value else "no"
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_RISKY) else value
