"""What to do about a voice whose engine is not installed."""

from __future__ import annotations

from shlex import quote

from audioguide.speech.engine import EngineFailure
from audioguide.speech.profile import Profile


def not_installed(profile: Profile, package: str, extra: str) -> EngineFailure:
    """The voice needs a package that an extra of ours brings along; what to run, or which online voice to take."""
    from audioguide.speech.choice import online_voices

    others = " or ".join(f"--voice {quote(name)}" for name in online_voices(profile.language))
    instead = f", or take {others}, which needs the network" if others else ""
    return EngineFailure(
        f"The voice {profile.name!r} needs the package {package}, which is not installed.",
        f"Run: {how_to_get(extra)}{instead}.",
    )


def how_to_get(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'audioguide[{extra}]'"
