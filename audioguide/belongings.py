"""What a session finds by name besides its routine: voices, backgrounds, its language's words.

They are those of this machine, and before them those that came along in the session's file. There, what is named and
is neither here nor in the file is replaced by what everybody has, and the listener is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from audioguide import resources
from audioguide.errors import RequestError
from audioguide.routine.customise import SILENT, Options
from audioguide.routine.document import read
from audioguide.routine.model import DEFAULT_BACKGROUND, Routine, Step
from audioguide.speech.choice import choice, profiles, voice_for
from audioguide.speech.profile import Profile, as_written, profile, sounding
from audioguide.timeline.words import Words, words, words_in

if TYPE_CHECKING:
    from audioguide import carried


class Belongings:
    """Those of this machine."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a listener should be told of what was found, a line each."""
        return ()

    def voice(self, name: str) -> Profile:
        """The voice of that name; RequestError when there is none."""
        return profile(name)

    def voice_for(self, language: str) -> Profile:
        """The voice of a session that names none."""
        return voice_for(language)

    def words(self, language: str) -> Words:
        """The session's own words in a language; RequestError when there are none."""
        return words(language)

    def options(self, options: Options) -> Options:
        """Options that name what can be found; what was asked for here stays, found or not."""
        return options

    def routine(self, routine: Routine) -> Routine:
        """A routine that names what can be found."""
        return routine


class Brought(Belongings):
    """Those that came along in a file, over those of this machine."""

    def __init__(self, file: carried.Carried, language: str) -> None:
        self._file, self._language = file, language
        self._notes: dict[str, None] = {}
        self._voices: dict[str, Profile] = {}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was replaced."""
        return tuple(self._notes)

    def voice(self, name: str) -> Profile:
        """The voice of that name, as the file has it. One that only the file names, and that does not work here, is
        replaced by the language's own.
        """
        if name not in self._voices:
            self._voices[name] = self._found(name)
        return self._voices[name]

    def _found(self, name: str) -> Profile:
        voice = self._sounding(name)
        if name not in self._named:
            return voice or profile(name)
        if voice and choice(voice).lacks is None:
            return voice
        instead = voice_for(self._language)
        self._notes[f"The voice {name} is not on this machine: {instead.title or instead.name} speaks."] = None
        return instead

    def _sounding(self, name: str) -> Profile | None:
        """What a voice of the file, or of this machine, sounds like here."""
        here = None
        with suppress(RequestError):
            here = profile(name)
        if (document := self._file.voices.get(name)) is None:
            return here
        able = (here, *profiles()) if here is None or not sounding(here, name, document) else (here,)
        return next((found for voice in able if voice and (found := sounding(voice, name, document))), None)

    @cached_property
    def _named(self) -> frozenset[str | None]:
        """The voices that the file asks for."""
        asked = self._file.options
        behind = (named for voice in self._file.voices.values() if isinstance(named := voice.data.get("fallback"), str))
        defaults = self._file.bundle.root.document.data.get("defaults") or {}
        return frozenset((self._file.voice, asked.voice, asked.fallback, defaults.get("voice"), *behind))

    def voice_for(self, language: str) -> Profile:
        """The voice that spoke when the file was made."""
        return self.voice(self._file.voice)

    def words(self, language: str) -> Words:
        """The session's own words: the file's, where it has any."""
        return words_in(self._file.prompts) if self._file.prompts else words(language)

    def options(self, options: Options) -> Options:
        """Options without a fallback that the file asks for and that is not here, and with a background that is."""
        asked = self._file.options
        if options.fallback and options.fallback == asked.fallback:
            voice = self._sounding(options.fallback)
            if not voice or choice(voice).lacks:
                options = replace(options, fallback=None)
        if options.background and options.background != SILENT:
            name = self._background(options.background, replaced=options.background == asked.background)
            options = replace(options, background=name)
        return options

    def routine(self, routine: Routine) -> Routine:
        """The routine with the backgrounds of the file; one that is nowhere is replaced by the usual one."""
        names = {step.bed.name for step in routine.steps if step.bed}
        found = {name: self._background(name, replaced=True) for name in sorted(names)}

        def placed(step: Step) -> Step:
            return replace(step, bed=replace(step.bed, name=found[step.bed.name])) if step.bed else step

        return replace(routine, steps=tuple(map(placed, routine.steps)))

    def _background(self, name: str, *, replaced: bool) -> str:
        from audioguide.sound import backgrounds

        document = self._file.backgrounds.get(name)
        if document and (guest := backgrounds.admit(name, document)):
            return guest
        try:
            backgrounds.background(name)
        except RequestError:
            if not replaced:
                return name
            self._notes[f"The background {name} is not on this machine: {DEFAULT_BACKGROUND} sounds."] = None
            return DEFAULT_BACKGROUND
        return name


@dataclass(frozen=True)
class Packed:
    """What a file carries, and in a sentence each, what stays behind."""

    payload: bytes
    lacks: tuple[str, ...]


class Packing:
    """Puts together what a session's file is to carry."""

    def __init__(self, brought: carried.Carried | None) -> None:
        self._brought = brought
        self.lacks: list[str] = []

    def pack(self, routine: Routine, options: Options, voices: Iterable[Profile]) -> carried.Belongings:
        """The voices and backgrounds of a session that a file can carry. What came along goes on."""
        from audioguide import carried

        brought = self._brought
        file = brought.backgrounds if brought else {}
        went = {} if brought is None else {name: document.data for name, document in brought.voices.items()}
        names = {step.bed.name for step in routine.steps if step.bed} | {options.background or SILENT}
        sounds = {name: document.data for name, document in file.items()}
        sounds |= {name: data for name in sorted(names - {SILENT, *file}) if (data := self._background(name))}
        said = brought.prompts.data if brought and brought.prompts else _own_words(routine.language)
        return carried.Belongings({**went, **self._spoken(voices)}, sounds, said)

    def _spoken(self, voices: Iterable[Profile]) -> dict[str, Any]:
        """Voices whose engine and model come with audioguide: only those can be anywhere else."""
        shipped = {kind(voice) for voice in profiles() if not resources.is_own(resources.voice_file(voice.name))}
        found = {}
        for voice in voices:
            name = voice.title or voice.name
            if kind(voice) not in shipped:
                self.lacks.append(f"The voice {name} stays on this machine: elsewhere another one speaks.")
                continue
            if not isinstance(voice.lexicon, bool):
                self.lacks.append(f"The lexicon of the voice {name} stays on this machine.")
            found[voice.name] = as_written(voice)
        return found

    def _background(self, name: str) -> Mapping[str, Any] | None:
        from audioguide.sound import backgrounds

        path = resources.backgrounds().get(name)
        if path is None or not resources.is_own(path):
            return None
        found = backgrounds.background(name)
        if not found.travels:
            self.lacks.append(
                f"The music of the background {name} stays on this machine: elsewhere another one sounds."
            )
            return None
        return {key: value for key, value in found.data.items() if key != "description"}


def kind(voice: Profile) -> tuple[str, str, str]:
    """What makes a voice the same voice, whatever its pace and level."""
    return voice.engine, voice.model, voice.language


def _own_words(language: str) -> Mapping[str, Any] | None:
    path = resources.prompts_file(language)
    return read(path).data if resources.is_own(path) else None
