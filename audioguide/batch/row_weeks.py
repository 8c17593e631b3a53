"""A row in its weeks: by how much its holds grow, whether its session can be made, and the plan for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import Any

from audioguide.errors import EnvironmentFailure, RequestError, RoutineError, blame, suggest
from audioguide.model.options import Options, to_data, write_hold
from audioguide.model.routine import Length, LengthChange, Routine
from audioguide.model.timeline import Utterance
from audioguide.routine.load import load_with_source
from audioguide.routine.sources import RoutineSource
from audioguide.schema.json_document import to_document
from audioguide.schema.yaml_writer import to_yaml
from audioguide.session.embedded import inline_routine
from audioguide.session.open import build_session
from audioguide.session.output import refuse_mono
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.session import Session
from audioguide.session.week_plan import HEAD, parse_plan
from audioguide.system.paths import ENDINGS

Report = Callable[..., None]  # adds an error to the problems, with the keys of its place, and its code
MOST_LOADED = 64  # routines of a batch in memory
PLAN_KEYS = ("start", "days", "at", "zone", "weeks", "progress", "deload")


def check_plan_file(path: Path) -> None:
    """Raises RequestError for a file that cannot be a plan's."""
    if path.suffix not in ENDINGS:
        raise RequestError(f"{path} is no file for a plan.", "End it with .yaml.")


def write_plan(
    resolved: ResolvedRoutine, file: Path, changes: Mapping[str, LengthChange], weeks: int, settings: Mapping[str, str]
) -> str:
    """The text of a plan's `file`: `settings`, over the row's weeks and how much poses grow in them. RequestError for
    a key that is none; RoutineError with what is wrong, each within its key.
    """
    if unknown := sorted(settings.keys() - set(PLAN_KEYS)):
        raise RequestError(f"A plan has no {unknown[0]!r}.", suggest(unknown[0], PLAN_KEYS), ("plans", unknown[0]))
    title, options = resolved.routine.title, replace(resolved.saved_options, cover=None)  # which is on this machine
    data: dict[str, Any] = {
        "plan": title,
        "routine": inline_routine(resolved.written, title, own=False),
        "weeks": weeks,
        "progress": {pose: write_hold(change) for pose, change in changes.items()},
        "options": to_data(options),
    }
    filled = {key: value for key, value in {**data, **settings}.items() if value}
    parse_plan(to_document(filled, "plan", lambda keys: (str((*keys, "")[0]), 1)), file)
    return HEAD.format(name=quote(file.stem)) + to_yaml(filled)


@dataclass
class Growth:
    """By how much the holds of a row grow each week: all of them by `change`, those of some poses by their own.

    `reached` has the week, from 0, from which a pose stays at its limit.
    """

    change: LengthChange | None
    changes: dict[str, LengthChange]
    reached: dict[str, int] = field(default_factory=dict)

    def grow(self, options: Options, weeks: int) -> Options:
        """The options after so many weeks; what a row holds a single pose for grows, too."""
        if not weeks:
            return options
        changes = {pose: self.change for pose, _ in options.holds if self.change} | self.changes
        holds = [
            (pose, replace(one, amount=one.amount * min(weeks, self.reached.get(pose, weeks + 1) - 1)))
            for pose, one in changes.items()
        ]
        every = self.change and replace(self.change, amount=self.change.amount * weeks)
        # A pose with a change of its own grows from what all are held for, not from what that grows to.
        begun = [(pose, options.hold) for pose in self.changes if isinstance(options.hold, Length)]
        grown = Options(hold=every, holds=tuple(holds)).over(options).over(Options(holds=tuple(begun)))
        return grown.with_poses(lambda _, pose: pose)

    def stop(self, pose: str, weeks: int) -> bool:
        """Let a pose grow for a week less than so many; whether it can."""
        week = min(weeks, self.reached.get(pose, weeks + 1) - 1) if self.change or pose in self.changes else 0
        if week:
            self.reached[pose] = week
        return week > 0


class _Columns(dict[str, str]):
    """The columns of a row, and the names that were looked up among them."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        super().__init__(columns)
        self.named = set[str]()

    def get(self, name: str, default: Any = None) -> Any:
        """As that of a dict."""
        self.named.add(name)
        return super().get(name, default)


class KnownRoutines:
    """The routines of a batch: each is loaded once for all rows that have the same in the columns that it names."""

    def __init__(self) -> None:
        self._named: dict[tuple[Any, ...], set[str]] = {}
        self._loaded: dict[tuple[Any, ...], tuple[Routine, RoutineSource]] = {}

    @property
    def named(self) -> set[str]:
        """What stands in braces in them."""
        return set().union(*self._named.values())

    def load(
        self, source: str | Path, columns: Mapping[str, str] | None, language: str | None
    ) -> tuple[Routine, RoutineSource]:
        """As `load_with_source`."""
        own, named = _Columns(columns or {}), self._named.setdefault((source, language), set())
        key = (source, language, *map(own.get, sorted(named)))
        if key not in self._loaded:
            loaded = load_with_source(source, own, language)
            named |= own.named
            self._loaded[source, language, *map(own.get, sorted(named))] = loaded
            if len(self._loaded) > MOST_LOADED:
                del self._loaded[next(iter(self._loaded))]
            return loaded
        return self._loaded[key]


def check_session(
    source: str,
    options: Options,
    growth: Growth,
    weeks: int,
    own: Mapping[str, str],
    mono: bool,
    routines: KnownRoutines,
    report: Report,
) -> Options:
    """The options after so many weeks. All that is wrong with them is reported: what is told is left out, and so on."""
    while True:
        grown = options
        try:
            with blame("progress"):
                grown = growth.grow(options, weeks)
            session = build_session(resolve(source, grown, None, own, routines.load))
            if mono:
                with blame("mono"):
                    refuse_mono(session)
            if grown.length:
                _ = session.outline
            if said := {name: own[name] for name in own.keys() & routines.named}:
                _check_words(session, said)
            if growth.change:
                growth.reached = dict.fromkeys(session.clamped.values(), weeks) | growth.reached
            return grown
        except EnvironmentFailure:  # told when the session is made: by then, or elsewhere, it may work
            return grown
        except RequestError as error:
            option, pose = error.option or ("routine", None)
            if option == "holds" and pose and growth.stop(pose, weeks):
                continue
            if option == "holds" and pose not in dict(options.holds):
                option = "progresses"
            code = "invalid" if error.option else "unknown-routine"
            if isinstance(error, RoutineError):
                error = RequestError(str(error.problems[0]), f"See `audioguide check {quote(source)}`.")
            report(error, *filter(None, (option.replace("_", "-"), pose)), code=code)
            if option == "progress":  # as in the other weeks
                growth.change, growth.changes = None, {}
            unset: dict[str, Any] = {} if pose or not hasattr(options, option) else {option: getattr(Options(), option)}
            left = options.with_poses(lambda row, one: None if (row.name, one) == (option, pose) else one)  # noqa: B023
            left = replace(left, **unset)
            if left == options and not growth.changes.pop(str(pose), None):
                return grown
            options = left


def _check_words(session: Session, own: Mapping[str, str]) -> None:
    """RequestError for the column whose value the voice cannot say, where it is said."""
    with session.speaker() as speaker:
        if not any(speaker.cannot_say(Utterance(text, "instructions")) for text in own.values()):
            return  # nor in any sentence; finding those takes longer than all other checks
        for utterance in session.outline.utterances:
            name = next((name for name, text in own.items() if text in utterance.text), None)
            if name and (refusal := speaker.cannot_say(utterance)):
                raise RequestError(refusal.message, refusal.hint, ("columns", name))
