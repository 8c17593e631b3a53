"""A person's standing wishes: the options of every session, in one file, below those of a preset and a command.

Only the command line reads them. The Python functions do what they are told and nothing else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from audioguide.errors import Problem, RequestError, RoutineError
from audioguide.model.options import Options
from audioguide.schema.document import Document, read_document
from audioguide.system.paths import display_path

START = """\
# Your standing wishes for audioguide: the options of every session, unless a command or a preset says otherwise.
# They have the same words as on the command line. Take away the # in front of a line to make it count;
# `audioguide config` shows what is in force.
options:
  # level: brief            # how much is said: brief, normal or full
  # background: none        # what sounds in the holds
  # chime: wood             # what ends a hold: bell, bowl, wood or none
  # voice: heart            # who speaks
  # fallback: heart         # who goes on when that voice fails, as an online one without a network
  # scale: 1.25             # every hold a quarter longer, within its limits
  # breath: 4-6             # seconds in and out, in every pose
  # hold: 45s               # every pose so long, within its limits
  # holds:                  # and single poses, wherever a routine has them
  #   childs-pose: 1:00
  # skip: [pigeon]          # poses to leave out, wherever a routine has them
"""


@dataclass(frozen=True)
class Config:
    """What stands in the config file; `document` is None where there is no file, or nothing but comments in it."""

    path: Path
    options: Options = field(default_factory=Options)
    document: Document | None = None


def config_file() -> Path:
    """Where standing wishes are written: `AUDIOGUIDE_HOME/config.yaml`, else in the person's config folder."""
    if own := os.environ.get("AUDIOGUIDE_HOME"):
        return Path(own) / "config.yaml"
    from platformdirs import user_config_path

    return user_config_path("audioguide", appauthor=False) / "config.yaml"


def read_config() -> Config:
    """The standing wishes; none where there is no file. RoutineError with all that is wrong with it, and where."""
    path = config_file()
    if not path.exists():
        return Config(path)
    from audioguide.routine.options_form import ConfigForm, options_of  # a form is slow to make, and many have no file
    from audioguide.schema.validate import validate

    try:
        document = read_document(path)
    except RoutineError as error:
        if [problem.code for problem in error.problems] == ["empty-file"]:
            return Config(path)
        raise RoutineError(_as_config(problem) for problem in error.problems) from None
    except RequestError as error:
        raise RequestError(error.message, "Move it away: `audioguide config --edit` begins another.") from None
    return Config(path, options_of(validate(document, ConfigForm).options), document)


def _as_config(problem: Problem) -> Problem:
    if problem.code != "not-a-routine":
        return problem
    return Problem(problem.place, problem.code, "There are no options here.", "Begin with `options:`.")


def where(config: Config, key: str) -> str | None:
    """`config.yaml:3` for an option that the file sets, else None."""
    place = config.document.keys.get(("options", key)) if config.document else None
    return f"{Path(display_path(config.path)).name}:{place.line}" if place else None
