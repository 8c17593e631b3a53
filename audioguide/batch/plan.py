"""A plan: a row for each session, or for all weeks of a client. Its problems are reported at once, each at its place,
before anything is made.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from audioguide.batch.job import Job
from audioguide.batch.table import COLUMNS, read_rows
from audioguide.errors import Code, EnvironmentFailure, Problem, RequestError, RoutineError, blame, suggest
from audioguide.export.formats import format_of, parse_bitrate
from audioguide.model.notation import parse_hold
from audioguide.model.options import OPTIONS, Options, to_data
from audioguide.model.routine import Length, LengthChange
from audioguide.model.selectors import slug
from audioguide.routine.options_form import OptionsForm, check_printable, empty_as_default, strict_bool, to_options
from audioguide.schema.document import Document
from audioguide.schema.form import PLACEHOLDERS, Form, parse_with, problem
from audioguide.schema.validate import locate, problems_of
from audioguide.session.open import build_session
from audioguide.session.output import refuse_mono
from audioguide.session.preset import resolve
from audioguide.session.session import Session
from audioguide.system.paths import is_file

MAX_ROWS = 200_000
MOST_WEEKS = 104
LONGEST_NAME = 240  # bytes of a file's or folder's name; most disks take 255

Weeks = tuple[int, int]  # the first and the last one
Report = Callable[..., None]  # adds an error to the problems, with the keys of its place, and its code


def _parse_change(value: str | float) -> LengthChange:
    change = parse_hold(value)
    if not isinstance(change, LengthChange):
        raise ValueError(f"{value!r} is not what a hold grows by each week.")
    return change


def _parse_weeks(value: str | float, alone: bool = False) -> Weeks:
    """The first and the last week of `6` or `1..6`; `alone`: one number is that week."""
    if found := re.fullmatch(r"(\d{1,3})(?:\s*\.\.\s*(\d{1,3}))?", str(value).strip(), re.ASCII):
        first, last = int(found[1]) if found[2] or alone else 1, int(found[2] or found[1])
        if 1 <= first <= last <= MOST_WEEKS:
            return first, last
    raise ValueError(f"{value!r} is not weeks from 1 to {MOST_WEEKS}.")


def _check_column(name: str) -> str:
    near = difflib.get_close_matches("-".join(name.partition(":")[0].split()), COLUMNS, n=1, cutoff=0.75)
    if near or not name or ":" in name or name in PLACEHOLDERS:
        hint = f"Did you mean {near[0]}? " if near else ""
        raise problem("unknown-key", f"There is no column {name!r}.", f"{hint}One of your own needs another name.")
    return name


def _check_value(text: str) -> str:
    words = " ".join(text.split())
    if re.search("[{}]", words) or not words.isprintable():
        raise problem("bad-character", f"{words!r} has a brace or an invisible character in it.", "Take it out.")
    return words


_Change = Annotated[LengthChange, parse_with("not-a-hold", _parse_change, "Write +5s, or +1 breath.")]
_Bitrate = Annotated[int, parse_with("invalid", lambda value: parse_bitrate(str(value)), "Write it as 96k.")]
_Column = Annotated[str, AfterValidator(_check_column)]
_Value = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_check_value)]


class FileForm(OptionsForm):
    """The options of a session, how its file is written, its weeks, and columns of the person's own."""

    mono: Annotated[bool, BeforeValidator(strict_bool)] | None = None
    bitrate: _Bitrate | None = None
    weeks: Annotated[Weeks, parse_with("invalid", _parse_weeks, "Write 6 or 1..6.")] | None = None
    week: Annotated[Weeks, parse_with("invalid", partial(_parse_weeks, alone=True), "Write 3.")] | None = None
    progress: _Change | None = None
    progresses: dict[str, _Change] = Field(default_factory=dict)
    columns: dict[_Column, _Value] = Field(default_factory=dict)


class RowForm(FileForm):
    """A session: its routine (an id or a path), its file below the folder, and its options."""

    routine: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(check_printable)]
    output: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


class PlanForm(Form):
    """All sessions, and the defaults of those that do not say otherwise."""

    defaults: Annotated[FileForm, BeforeValidator(empty_as_default)] = FileForm()
    sessions: Annotated[list[RowForm], Field(min_length=1, max_length=MAX_ROWS)]


def read_plan(path: Path, folder: Path) -> tuple[list[Job], list[str]]:
    """The jobs of a plan, whose sessions go below `folder`, and lines to show. Its files are relative to the plan.

    RequestError when the file cannot be read, RoutineError with all problems of the plan.
    """
    document, note = read_rows(path)
    form, problems, broken = _read_form(document)
    planner = _Planner(document, form.defaults, path.parent, folder, problems, [note] if note else [])
    rows = ((number, row) for number, row in enumerate(form.sessions) if number not in broken)
    jobs = [job for number, row in rows for job in planner.plan(number, row)]
    if problems:
        raise RoutineError(problems)
    return jobs, planner.notes


def _read_form(document: Document) -> tuple[PlanForm, list[Problem], set[int]]:
    """The plan without what is wrong in it, the problems, and the numbers of rows that cannot be read at all."""
    try:
        return PlanForm.model_validate(document.data), [], set()
    except ValidationError as error:
        details = error.errors(include_url=False)
    # pydantic also calls a list with wrong items too short.
    details = [detail for detail in details if detail["type"] != "too_short" or len(details) == 1]
    problems, broken, data = [*problems_of(document, details, PlanForm)], set[int](), deepcopy(document.data)
    for detail in details:
        match locate(detail, PlanForm)[0]:
            case ("sessions", int(number), "routine") | ("sessions", int(number)):
                broken.add(number)
                data["sessions"][number] = {"routine": "-"}
            case ("sessions", int(number), str(key), *inner):
                _remove(data["sessions"][number], key, inner)
            case ("defaults", str(key), *inner):
                _remove(data["defaults"], key, inner)
            case _:
                raise RoutineError(problems)
    return PlanForm.model_validate(data), problems, broken


def _remove(row: dict[str, Any], key: str, inner: list[str | int]) -> None:
    owner, key = (row[key], str(inner[0])) if inner and isinstance(row.get(key), dict) else (row, key)
    owner.pop(key, None)


@dataclass
class _Planner:
    document: Document
    defaults: FileForm
    plan_folder: Path
    folder: Path
    problems: list[Problem]
    notes: list[str]
    lines: dict[str, int] = field(default_factory=dict)  # of the rows, by their outputs as disks compare them

    def plan(self, number: int, row: RowForm) -> Iterator[Job]:
        """The jobs of a row: one, or one for each of its weeks."""
        defaults, report = self.defaults, partial(self.report, number)
        place, file = self.document.place(("sessions", number)), self.plan_folder / row.routine
        source = str(file.absolute()) if is_file(file) else row.routine
        own = defaults.columns | row.columns
        given = self.document.value(("sessions", number)).items()
        texts = {key: str(value) for key, value in given if isinstance(value, str | int | float)} | own
        mono = bool(defaults.mono if row.mono is None else row.mono)
        first, last = row.weeks or row.week or defaults.weeks or defaults.week or (0, 0)
        growth = _Growth(row.progress or defaults.progress, defaults.progresses | row.progresses)
        if (growth.change or growth.changes) and not last:
            report(RequestError("There are no weeks in which holds grow.", "Add weeks, as 1..6."), "progress")
        try:
            options = to_options(row).over(to_options(defaults)).with_poses(lambda _, pose: pose)
        except RequestError as error:
            report(error, "hold")
            return
        for week in range(first, last + 1):
            if week:
                own, texts = own | {"week": str(week)}, texts | {"week": str(week)}
            output, bitrate = self.name_file(row, texts, place.line, len(str(last)), report)
            filled = _check(source, self.fill(options, texts, report), growth, week - first, own, mono, report)
            yield Job(place.line, source, str(self.folder / output), to_data(filled), mono, bitrate, own)
        if growth.reached:
            poses = ", ".join(f"{pose} from week {first + weeks}" for pose, weeks in growth.reached.items())
            client = f"{own['client']}: " if "client" in own else ""
            self.notes.append(f"{place.file}:{place.line}: {client}at the limit are {poses}.")

    def report(self, number: int, error: RequestError, *keys: str, code: Code = "invalid") -> None:
        """Add what is wrong with a row to the problems: once, whichever of its weeks it is found in."""
        found = Problem(self.document.place(("sessions", number, *keys)), code, error.message, error.hint)
        if found not in self.problems:
            self.problems.append(found)

    def name_file(
        self, row: RowForm, texts: Mapping[str, str], line: int, digits: int, report: Report
    ) -> tuple[str, int | None]:
        """The file of a session and its bit rate. Texts in its name lose what no name can have."""
        client, week = "{client}/" if "client" in texts else "", " week {week}" if "week" in texts else ""
        safe = {name: re.sub(r'[<>:"/\\|?*]', "-", text).strip(" .") or "-" for name, text in texts.items()}
        if week:  # with zeros, so that the files sort
            safe["week"] = texts["week"].zfill(max(2, digits))
        key, bitrate = "output", row.bitrate
        try:
            output = _check_output(_fill(row.output or f"{client}{Path(row.routine).stem}{week}.mp3", safe))
            same = unicodedata.normalize("NFC", output).casefold()  # as disks compare names that ignore case
            if other := self.lines.get(same):
                hint = "Write {week} in it." if other == line else "Give each row its own."
                message = f"{output} is already the file of line {other}."
                report(RequestError(message, hint), key, code="duplicate-output")
            self.lines.setdefault(same, line)
            key = "bitrate"
            if bitrate is None and format_of(Path(output)).bitrates:
                bitrate = self.defaults.bitrate
            format_of(Path(output), bitrate)
        except RequestError as error:
            report(error, key)
            return "", None
        return output, bitrate

    def fill(self, options: Options, texts: Mapping[str, str], report: Report) -> Options:
        """The options with the values of columns in their texts; a cover or background beside the plan is found."""
        filled: dict[str, Any] = {}
        for option in OPTIONS:
            value = getattr(options, option.name)
            if isinstance(value, str) and not option.choices:
                try:
                    text = option.parse(_fill(value, texts))
                except (RequestError, ValueError) as error:
                    report(error if isinstance(error, RequestError) else RequestError(str(error)), option.key)
                    continue
                beside = option.name in ("cover", "background") and is_file(self.plan_folder / text)
                filled[option.name] = str((self.plan_folder / text).absolute()) if beside else text
        return replace(options, **filled)


def _fill(template: str, texts: Mapping[str, str]) -> str:
    def find(placeholder: re.Match[str]) -> str:
        name = " ".join(placeholder[1].casefold().split())
        if name not in texts:
            hint = suggest(name, texts) or "Add a column of this name."
            raise RequestError(f"{placeholder[0]} stands for nothing: this row has no {name!r}.", hint)
        return texts[name]

    return re.sub(r"\{([^{}]*)\}", find, template)


def _check_output(output: str) -> str:
    """A file below the folder, written the same on every system. RequestError where it is none."""
    path = PurePosixPath(output.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in output or not output.isprintable() or not path.name:
        raise RequestError(f"{output!r} is not a file below the folder.", "Write it as anna/evening.mp3.")
    if max(len(part.encode()) for part in path.parts) > LONGEST_NAME:
        raise RequestError(f"{output[:40]!r}… is too long for the name of a file.", "Shorten it.")
    format_of(Path(path.name))
    return str(path)


@dataclass
class _Growth:
    """By how much the holds of a row grow each week: all of them by `change`, those of some poses by their own.

    `most` are the weeks for which a pose can grow within its limit; `reached` those after which poses stay at theirs.
    """

    change: LengthChange | None
    changes: dict[str, LengthChange]
    most: dict[str, int] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)

    def apply(self, options: Options, weeks: int) -> Options:
        """The options after so many weeks; what a row holds a single pose for grows, too."""
        if not weeks:
            return options
        every = self.change and replace(self.change, amount=self.change.amount * weeks)
        own, fixed = (
            set(map(slug, self.changes)),
            {slug(pose) for pose, hold in options.holds if isinstance(hold, Length)},
        )
        changes = {pose: self.change for pose, _ in options.holds if self.change and slug(pose) not in own}
        holds = []
        for pose, change in (changes | self.changes).items():
            amount = change.amount * min(weeks, self.most.get(pose, weeks))
            if every and isinstance(options.hold, Length) and slug(pose) not in fixed:
                amount -= every.amount  # by which it grows already, as part of the hold for all
            holds.append((pose, replace(change, amount=amount)))
        return Options(hold=every, holds=tuple(holds)).over(options).with_poses(lambda _, pose: pose)

    def stop(self, pose: str, weeks: int) -> bool:
        """Let a pose grow for a week less than so many; whether it can."""
        left = min(weeks, self.most.get(pose, weeks)) if self.change or pose in self.changes else 0
        if left:
            self.most[pose] = left - 1
            self.reached.setdefault(pose, weeks)
        return bool(left)


def _check(
    source: str, options: Options, growth: _Growth, weeks: int, own: Mapping[str, str], mono: bool, report: Report
) -> Options:
    """The options after so many weeks. All that is wrong with them is reported: what is told is left out, and so on."""
    while True:
        grown, code = options, "unknown-routine"
        try:
            with blame("progress"):
                grown = growth.apply(options, weeks)
            resolved = resolve(source, grown, columns=own)
            code = "invalid"
            session = build_session(resolved)
            if mono:
                with blame("mono"):
                    refuse_mono(session)
            if grown.length:
                with blame("length"):
                    _ = session.outline
            if own:
                _check_words(session, own)
            growth.reached |= {pose: weeks for pose in session.clamped.values() if growth.change} | growth.reached
            return grown
        except EnvironmentFailure:  # told when the session is made: by then, or elsewhere, it may work
            return grown
        except RequestError as error:
            option, pose = error.option or ("routine", None)
            if option == "holds" and growth.stop(str(pose), weeks):
                continue
            if option == "holds" and pose not in dict(options.holds):
                option = "progresses"
            report(_shorten(error, source), *filter(None, (option.replace("_", "-"), pose)), code=code)
            left = options.with_poses(lambda row, one: None if (row.name, one) == (option, pose) else one)  # noqa: B023
            unset: dict[str, Any] = {row.name: getattr(Options(), row.name) for row in OPTIONS if row.name == option}
            left = left if pose else replace(options, **unset)
            if left == options and not growth.changes.pop(str(pose), None):
                return grown
            options = left


def _check_words(session: Session, own: Mapping[str, str]) -> None:
    """RequestError for the column whose value the voice cannot say, where it is said."""
    with session.speaker() as speaker:
        for utterance in session.outline.utterances:
            name = next((name for name, text in own.items() if text in utterance.text), None)
            if name and (refusal := speaker.cannot_say(utterance)):
                raise RequestError(refusal.message, refusal.hint, ("columns", name))


def _shorten(error: RequestError, source: str) -> RequestError:
    if not isinstance(error, RoutineError):
        return error
    more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
    return RequestError(f"{error.problems[0]}{more}", f"See `audioguide check {quote(source)}`.")
