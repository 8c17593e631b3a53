"""What tells one session of a routine from another one of it, in few words: "15:00, full, Thorsten"."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from audioguide.errors import RequestError
from audioguide.model.options import OPTIONS
from audioguide.model.routine import BackgroundSpec, PoseStep
from audioguide.model.selectors import pose_names, slug
from audioguide.session.preset import ResolvedRoutine
from audioguide.speech.languages import language_name
from audioguide.speech.voices import find_profile
from audioguide.units import format_clock, to_frames

_MOST = 4  # things that are named; of more, only how many there are
# fmt: off
_PHRASES = {  # what can be heard, in the order in which it is named
    "length": "{}", "level": "{}", "language": "{}", "voice": "{}", "hold": "holds {}", "holds": "{pose} {}",
    "scale": "holds × {}", "rounds": "{pose} × {}", "reps": "{pose} {} reps", "sides": "{pose} {}",
    "swap": "{} for {pose}", "skip": "without {}", "breath": "breath {}", "background": "background {}",
    "chime": "chime {}", "pace": "pace {}", "settle": "settle {}", "cues": "cues {}", "silence": "silence {}",
    "voice_level": "voice {}", "background_level": "background {}",
}
# fmt: on


def describe_variant(resolved: ResolvedRoutine) -> str:
    """What was asked for over what the session's name stands for, and is heard; "" for nothing."""
    steps, asked, found = resolved.routine.steps, resolved.asked, list[str]()
    names = {slug(id): name for id, name in pose_names(steps).items()}
    names |= {str(step.number): step.pose.name for step in steps if isinstance(step, PoseStep)}
    data: dict[str, Any] = {row.name: row.to_data(getattr(asked, row.name)) for row in OPTIONS if asked.sets(row.name)}
    read: dict[str, Callable[[str], str]]
    read = {"language": language_name, "voice": _find_title, "background": lambda name: BackgroundSpec(name).title}
    if asked.length:
        data["length"] = format_clock(to_frames(asked.length)) if asked.length != resolved.routine.usual_length else ()
    if asked.cues:
        data["cues"] = str(asked.cues)
    for name, phrase in _PHRASES.items():
        value = data.get(name, ())
        for one in value if isinstance(value, list | dict | tuple) else [value]:
            pose, one = (names.get(slug(one), one), value[one]) if isinstance(value, dict) else ("", one)
            one = names.get(slug(one), one) if name in ("skip", "swap") else read.get(name, str)(one)
            found.append(phrase.format(one, pose=pose))
    return ", ".join(found[:_MOST]) + (f" + {len(found) - _MOST}" if len(found) > _MOST else "")


def _find_title(voice: str) -> str:
    with suppress(RequestError):
        return find_profile(voice).display_name
    return voice
