"""Finds what a session names besides its routine: voices, backgrounds, phrases, and poses in the place of others.

An exported file carries the pace and gain of its voices, its backgrounds and phrases. What is neither in the file nor
on this machine is replaced by the default, with a note.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audioguide.errors import RequestError, blame
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import DEFAULT_BACKGROUND, Pose
from audioguide.routine.sources import read_pose
from audioguide.speech.engines.engine import list_profiles
from audioguide.speech.voice_choice import choose_voice, find_fault
from audioguide.speech.voices import VoiceProfile, find_profile, restore_profile
from audioguide.timeline.phrases import Phrases, find_phrases, parse_phrases

if TYPE_CHECKING:
    from audioguide.session.embedded import EmbeddedSession


class AssetResolver:
    """Finds the assets of an exported `file`, if there is one, and then those of this machine.

    `language` is the routine's, and `notes` tell what was replaced, a line each.
    """

    def __init__(self, file: EmbeddedSession | None = None, language: str = "en") -> None:
        self.notes: tuple[str, ...] = ()
        self._file, self._language = file, language
        self._requested: set[str | None] = set()
        self._sound_file: str | None = None

    def select_requested(self, options: Options) -> Options:
        """The options without those of the file: what these name must exist."""
        self._sound_file = options.background
        if self._file is None:
            return options
        file, names = self._file.options, ("voice", "fallback", "background")
        changes: dict[str, Any] = {name: None for name in names if getattr(options, name) == getattr(file, name)}
        requested = replace(options, **changes)
        self._requested = {getattr(requested, name) for name in names}
        self._sound_file = requested.background
        return requested

    def find_voice(self, name: str) -> VoiceProfile:
        """The voice of that name, with the file's pace and gain; RequestError when there is none.

        One of the file that does not work on this machine is replaced by the default of the language.
        """
        local = self._find_local_voice(name) if self._file else None
        if self._file is None or name in self._requested:
            return local or find_profile(name)
        if local and not find_fault(local):
            return local
        default = choose_voice(self._language)
        self._note(f"The voice {name} is not on this machine: {default.title or default.name} speaks.")
        return default

    def _find_local_voice(self, name: str) -> VoiceProfile | None:
        """The voice of that name on this machine; for a voice of the file the one of the same model, by any name."""
        known = {voice.name: voice for voice in list_profiles()}
        document = self._file.voices.get(name) if self._file else None
        if document is None:
            return known.get(name)
        candidates = sorted(known.values(), key=lambda voice: voice.name != name)
        return next((found for voice in candidates if (found := restore_profile(voice, name, document))), None)

    def choose_voice(self, language: str) -> VoiceProfile:
        """The voice of a session that names none: the one that spoke when the file was made."""
        return self.find_voice(self._file.voice) if self._file else choose_voice(language)

    def find_phrases(self, language: str) -> Phrases:
        """The phrases of a language; RequestError when there are none."""
        return parse_phrases(self._file.prompts) if self._file and self._file.prompts else find_phrases(language)

    def find_pose(self, id: str) -> Pose:
        """The pose of an id; RequestError when there is none."""
        bundle = self._file.bundle if self._file else None
        return bundle.find_pose(id) if bundle and id in bundle.poses else read_pose(id, self._language)[0]

    def find_cover(self, name: str | None) -> bytes:
        """The picture in a file, or that of the sound file; empty for the one that is drawn."""
        if name is None:
            return self._file.cover if self._file else b""
        from audioguide.draw.cover import read_cover

        with blame("cover"):
            return b"" if name == SILENT else read_cover(Path(name))

    def find_background(self, name: str) -> str:
        """The name under which a background is found; the default for one of the file that is nowhere.

        Only a person's options name a sound file anywhere on this machine; others name one in the music folder.
        """
        if name != self._sound_file and (Path(name).is_absolute() or ".." in Path(name).parts):
            name = Path(name).name
        if self._file is None:
            return name
        from audioguide.sound import background

        document = self._file.backgrounds.get(name)
        if document and (found := background.add_embedded(name, document)):
            return found
        if name in self._requested:
            return name
        try:
            background.find_background(name)
        except RequestError:
            self._note(f"The background {name} is not on this machine: {DEFAULT_BACKGROUND} sounds.")
            return DEFAULT_BACKGROUND
        return name

    def _note(self, line: str) -> None:
        self.notes = tuple(dict.fromkeys((*self.notes, line)))
