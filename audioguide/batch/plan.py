"""A batch file: a row for each session, or for all weeks of a client. Its problems are reported at once, each at its
place, before anything is made.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.batch.job import Job
from audioguide.batch.row_weeks import (
    PLAN_KEYS,
    Growth,
    KnownRoutines,
    Report,
    check_plan_file,
    check_session,
    write_plan,
)
from audioguide.batch.table import COLUMNS, read_rows
from audioguide.draw.render import check_picture
from audioguide.errors import Code, Problem, RequestError, RoutineError, blame, suggest
from audioguide.export.formats import format_of, parse_bitrate
from audioguide.model.notation import CONTROLS, parse_hold
from audioguide.model.options import OPTIONS, Options, to_data
from audioguide.model.routine import LengthChange
from audioguide.model.selectors import slug
from audioguide.routine.options_form import OptionsForm, check_printable, empty_as_default, strict_bool, to_options
from audioguide.schema.document import Document, Keys
from audioguide.schema.form import PLACEHOLDERS, Form, parse_with, problem
from audioguide.schema.validate import validate_part
from audioguide.session.config import locate_files
from audioguide.session.handout import parse_settings
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.week_plan import MOST_WEEKS
from audioguide.system.files import safe_name
from audioguide.system.paths import is_file

MAX_ROWS = 200_000
LONGEST_NAME = 240  # bytes of a file's or folder's name; most disks take 255

Weeks = tuple[int, int]  # the first and the last one
Check = Callable[[Path], object]  # of an ending; raises RequestError
Find = Callable[[], ResolvedRoutine]


def _parse_change(value: str | float) -> LengthChange:
    change = parse_hold(value)  # a length is by how much it grows
    return LengthChange(change.amount, "breaths" if change.unit == "breaths" else "seconds")


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
    if re.search("[{}]", words) or CONTROLS.search(words):
        raise problem("bad-character", f"{words!r} has a brace or an invisible character in it.", "Take it out.")
    return words


def _spell_yes(value: object) -> object:
    return {"true": "yes", "yes": "yes", "x": "yes", "false": "no", "no": "no"}.get(str(value).strip().lower(), value)


_Change = Annotated[LengthChange, parse_with("not-a-hold", _parse_change, "Write +5s, or +1 breath.")]
_Bitrate = Annotated[int, parse_with("invalid", lambda value: parse_bitrate(str(value)), "Write it as 96k.")]
_Column = Annotated[str, AfterValidator(_check_column)]
_Value = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_check_value)]


class FileForm(OptionsForm):
    """The options of a session, how its file is written, its weeks, and columns of the person's own."""

    mono: Annotated[bool, BeforeValidator(strict_bool)] | None = None
    pictures: Annotated[bool, BeforeValidator(strict_bool)] | None = None
    bitrate: _Bitrate | None = None
    weeks: Annotated[Weeks, parse_with("invalid", _parse_weeks, "Write 6 or 1..6.")] | None = None
    week: Annotated[Weeks, parse_with("invalid", partial(_parse_weeks, alone=True), "Write 3.")] | None = None
    progress: _Change | None = None
    progresses: dict[str, _Change] = Field(default_factory=dict)
    sheet: Annotated[str, Field(min_length=1, max_length=1024), BeforeValidator(_spell_yes)] | None = None
    sheets: dict[str, Annotated[str, Field(max_length=1024)]] = Field(default_factory=dict)
    plan: Annotated[str, Field(min_length=1, max_length=1024), BeforeValidator(_spell_yes)] | None = None
    plans: dict[str, Annotated[str, Field(max_length=1024)]] = Field(default_factory=dict)
    columns: dict[_Column, _Value] = Field(default_factory=dict)


class RowForm(FileForm):
    """A session: its routine (an id or a path), its file below the folder, and its options."""

    routine: Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(check_printable)]
    output: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


_UNREADABLE = RowForm(routine="-")  # in the place of a row that cannot be checked


class PlanForm(Form):
    """All sessions, and the defaults of those that do not say otherwise."""

    defaults: Annotated[FileForm, BeforeValidator(empty_as_default)] = FileForm()
    sessions: Annotated[list[RowForm], Field(min_length=1, max_length=MAX_ROWS)]


def read_plan(path: Path, folder: Path) -> tuple[list[Job], list[str]]:
    """The jobs of a batch file, whose sessions go below `folder`, and lines to show. Its paths begin beside it.

    RequestError when the file cannot be read, RoutineError with all problems of the batch file.
    """
    document, note = read_rows(path)
    form, found = validate_part(document, PlanForm, _replace_row)
    if form is None:
        raise RoutineError(found)
    planner = _Planner(document, form.defaults, path.parent, folder, [*found], [note] if note else [])
    rows = ((number, row) for number, row in enumerate(form.sessions) if row is not _UNREADABLE)
    jobs = [job for number, row in rows for job in planner.plan(number, row)]
    if planner.problems:
        raise RoutineError(planner.problems)
    return jobs, planner.notes


def _replace_row(data: Any, path: Keys) -> None:
    if path[0] == "sessions" and len(path) > 1:
        data["sessions"][path[1]] = _UNREADABLE


@dataclass
class _Planner:
    document: Document
    defaults: FileForm
    plan_folder: Path
    folder: Path
    problems: list[Problem]
    notes: list[str]
    lines: dict[str, int] = field(default_factory=dict)  # of the rows, by their outputs as disks compare them
    routines: KnownRoutines = field(default_factory=KnownRoutines)

    def plan(self, number: int, row: RowForm) -> Iterator[Job]:
        """The jobs of a row: one, or one for each of its weeks."""
        defaults, report = self.defaults, partial(self.report, number)
        place, file = self.document.place(("sessions", number)), self.plan_folder / row.routine
        source = str(file.absolute()) if is_file(file) else row.routine
        own = defaults.columns | row.columns
        given = self.document.value(("sessions", number)).items()
        texts = {key: str(value) for key, value in given if isinstance(value, str | int | float)} | own
        mono = bool(defaults.mono if row.mono is None else row.mono)
        pictures = (defaults.pictures if row.pictures is None else row.pictures) is not False
        first, last = row.weeks or row.week or defaults.weeks or defaults.week or (0, 0)
        try:
            options = to_options(row).over(to_options(defaults)).with_poses(lambda _, pose: pose)
        except RequestError as error:
            report(error, "hold")
            return
        spelt = {slug(pose): pose for pose, _ in options.holds}
        grown = {spelt.get(slug(pose), pose): one for pose, one in (defaults.progresses | row.progresses).items()}
        growth = Growth(row.progress or defaults.progress, grown)
        if (growth.change or growth.changes) and not last:
            report(RequestError("There are no weeks in which holds grow.", "Add weeks, as 1..6."), "progress")
        known, plan = own, dict[str, str]()
        for week in range(first, last + 1):
            if week:
                own, texts = own | {"week": str(week)}, texts | {"week": str(week)}
            output, bitrate = self.name_file(row, texts, place.line, report)
            filled = self.fill(options, texts, report)
            filled = check_session(source, filled, growth, week - first, own, mono, self.routines, report)
            sheet = self.fill_sheet(row, texts, output, place.line, report)
            if week == first and all(one.place.line != place.line for one in self.problems):
                find = partial(resolve, source, filled, None, known, self.routines.load)
                plan = self.fill_plan(row, find, growth, texts, place.line, report)
            job = Job(
                place.line, source, str(self.folder / output), to_data(filled), mono, pictures, bitrate, own, sheet
            )
            yield replace(job, plan=plan if week == first else {})
        if growth.reached:
            poses = ", ".join(f"{pose} from week {first + weeks}" for pose, weeks in growth.reached.items())
            client = f"{own['client']}: " if "client" in own else ""
            self.notes.append(f"{place.file}:{place.line}: {client}at the limit are {poses}.")

    def report(self, number: int, error: RequestError, *keys: str, code: Code = "invalid") -> None:
        """Add what is wrong with a row to the problems: once, whichever of its weeks it is found in."""
        found = Problem(self.document.place(("sessions", number, *keys)), code, error.message, error.hint)
        if found not in self.problems:
            self.problems.append(found)

    def name_file(self, row: RowForm, texts: Mapping[str, str], line: int, report: Report) -> tuple[str, int | None]:
        """The file of a session and its bit rate."""
        client, week = "{client}/" if "client" in texts else "", " week {week}" if "week" in texts else ""
        key = "output"
        try:
            template = row.output or f"{client}{Path(row.routine).stem}{week}.mp3"
            output = self.claim(template, texts, line, report, key, format_of)
            key = "bitrate"
            usual = row.bitrate is None and format_of(Path(output)).bitrates
            bitrate = self.defaults.bitrate if usual else row.bitrate
            format_of(Path(output), bitrate)
        except RequestError as error:
            report(error, key)
            return "", None
        return output, bitrate

    def claim(self, template: str, texts: Mapping[str, str], line: int, report: Report, key: str, check: Check) -> str:
        """A file of this row alone. Texts in its name lose what no name can have. RequestError for a wrong one."""
        safe = {name: safe_name(text, "") for name, text in texts.items()}
        if "week" in texts:  # with a zero, so that the files sort
            safe["week"] = texts["week"].zfill(2)
        output = _check_output(_fill(template, safe), check)
        same = unicodedata.normalize("NFC", output).casefold()  # as disks compare names that ignore case
        if other := self.lines.get(same):
            hint = "Write {week} in it." if other == line else "Give each row its own."
            report(RequestError(f"{output} is already the file of line {other}.", hint), key, code="duplicate-output")
        self.lines.setdefault(same, line)
        return output

    def fill_sheet(
        self, row: RowForm, texts: Mapping[str, str], output: str, line: int, report: Report
    ) -> dict[str, str]:
        """What stands on the sheet of a session, with its `file`; nothing where none is asked for."""
        settings = self.defaults.sheets | row.sheets
        template = row.sheet or self.defaults.sheet or ("yes" if settings else "no")
        if template == "no" or not output:
            return {}
        found: dict[str, str] = {}
        try:
            named = output.rpartition(".")[0] + ".pdf" if template == "yes" else template
            found["file"] = str(self.folder / self.claim(named, texts, line, report, "sheet", check_picture))
        except RequestError as error:
            report(error, "sheet")
        for key, text in ({"for": texts.get("client", "")} | settings).items():
            try:
                found[key] = _fill(text, texts)
                if key == "logo" and text:
                    found[key] = str(self.plan_folder / found[key])
                parse_settings({key: found[key]})
            except RequestError as error:
                report(error, "sheets", key)
        return found

    def fill_plan(
        self, row: RowForm, find: Find, growth: Growth, texts: Mapping[str, str], line: int, report: Report
    ) -> dict[str, str]:
        """The `text` of a row's plan, of the routine that `find` gives, and its `file`; nothing if it has none."""
        settings = self.defaults.plans | row.plans
        template = row.plan or self.defaults.plan or ("yes" if settings else "no")
        if template == "no":
            return {}
        if template == "yes":
            above = PurePosixPath(row.output).parent if row.output else "{client}" if "client" in texts else "."
            template = f"{above}/{Path(row.routine).stem}.yaml"
        changes = {pose: change for pose, change in {"default": growth.change, **growth.changes}.items() if change}
        first, last = row.weeks or self.defaults.weeks or (1, 0)
        try:
            file = self.folder / self.claim(template, texts, line, report, "plan", check_plan_file)
            given = {}
            for key, text in settings.items():
                with blame("plans", key):
                    given[key] = _fill(text, texts)
            return {"file": str(file), "text": write_plan(find(), file, changes, last - first + 1, given)}
        except RoutineError as error:
            for one in error.problems:
                key = one.place.within or "plan"
                report(RequestError(one.message, one.hint), *(("plans", key) if key in PLAN_KEYS else (key,)))
        except RequestError as error:
            report(error, *filter(None, error.option or ("plan",)))
        return {}

    def fill(self, options: Options, texts: Mapping[str, str], report: Report) -> Options:
        """The options with the values of columns in their texts; files are named from the batch file on."""
        filled: dict[str, Any] = {}
        for option in OPTIONS:
            value = getattr(options, option.name)
            if isinstance(value, str) and not option.choices:
                try:
                    filled[option.name] = option.parse(_fill(value, texts))
                except (RequestError, ValueError) as error:
                    report(RequestError(str(error)), option.key)
        return locate_files(replace(options, **filled), self.plan_folder)


def _fill(template: str, texts: Mapping[str, str]) -> str:
    def find(placeholder: re.Match[str]) -> str:
        name = " ".join(placeholder[1].casefold().split())
        if name not in texts:
            hint = suggest(name, texts) or "Add a column of this name."
            raise RequestError(f"{placeholder[0]} stands for nothing: this row has no {name!r}.", hint)
        return texts[name]

    return re.sub(r"\{([^{}]*)\}", find, template)


def _check_output(output: str, check: Check) -> str:
    """A file below the folder, written the same on every system. RequestError where it is none."""
    path = PurePosixPath(output.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in output or CONTROLS.search(output) or not path.name:
        raise RequestError(f"{output!r} is not a file below the folder.", "Write it as anna/evening.mp3.")
    if max(len(part.encode()) for part in path.parts) > LONGEST_NAME:
        raise RequestError(f"{output[:40]!r}… is too long for the name of a file.", "Shorten it.")
    check(Path(path.name))
    return str(path)
