"""What a session finds by name besides its routine: voices, backgrounds, its language's words.

They are those of this machine. A session that was opened from a sound file brings the pace and gain of its voices, its
backgrounds and its words; what is neither in the file nor here is replaced by the default, with a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audioguide.errors import RequestError
from audioguide.model.options import SILENT, Options
from audioguide.model.routine import DEFAULT_BACKGROUND, Routine
from audioguide.schema.document import read_document
from audioguide.speech.voice_choice import check_availability, choose_voice, list_profiles
from audioguide.speech.voices import VoiceProfile, find_profile, restore_profile, serialize_profile
from audioguide.system import paths
from audioguide.timeline.phrases import Phrases, find_phrases, parse_phrases

if TYPE_CHECKING:
    from audioguide.session.embed import EmbeddedAssets
    from audioguide.session.embedded import EmbeddedSession


class AssetResolver:
    """Those of this machine."""

    notes: tuple[str, ...] = ()
    """What a listener should be told of what was replaced, a line each."""

    def asked(self, options: Options) -> Options:
        """The options that a listener asked for here: what they name has to be there."""
        return options

    def voice(self, name: str) -> VoiceProfile:
        """The voice of that name; RequestError when there is none."""
        return find_profile(name)

    def voice_for(self, language: str) -> VoiceProfile:
        """The voice of a session that names none."""
        return choose_voice(language)

    def words(self, language: str) -> Phrases:
        """The session's own words in a language; RequestError when there are none."""
        return find_phrases(language)

    def background(self, name: str) -> str:
        """The name under which a background is found."""
        return name


class BundledAssets(AssetResolver):
    """Those of a session that came in a file, over those of this machine."""

    def __init__(self, file: EmbeddedSession, language: str) -> None:
        self._file, self._language = file, language
        self._asked: set[str | None] = set()

    def asked(self, options: Options) -> Options:
        """Without those that are the file's: what they name may be replaced."""
        file = self._file.options
        asked = replace(
            options,
            voice=None if options.voice == file.voice else options.voice,
            fallback=None if options.fallback == file.fallback else options.fallback,
            background=None if options.background == file.background else options.background,
        )
        self._asked = {asked.voice, asked.fallback, asked.background}
        return asked

    def voice(self, name: str) -> VoiceProfile:
        """The voice of that name, with the file's pace and gain. One that the file asks for and that does not work here
        is replaced by the language's own.
        """
        here = self._here(name)
        if name in self._asked:
            return here or find_profile(name)
        if here and check_availability(here).missing is None:
            return here
        instead = choose_voice(self._language)
        self._note(f"The voice {name} is not on this machine: {instead.title or instead.name} speaks.")
        return instead

    def _here(self, name: str) -> VoiceProfile | None:
        """The voice of that name on this machine; of a voice in the file the one of the same model, by any name."""
        known = {voice.name: voice for voice in list_profiles()}
        document = self._file.voices.get(name)
        if document is None:
            return known.get(name)
        first = [known[name]] if name in known else []
        return next(
            (found for voice in (*first, *known.values()) if (found := restore_profile(voice, name, document))), None
        )

    def voice_for(self, language: str) -> VoiceProfile:
        """The voice that spoke when the file was made."""
        return self.voice(self._file.voice)

    def words(self, language: str) -> Phrases:
        """The session's own words: the file's, where it has any."""
        return parse_phrases(self._file.prompts) if self._file.prompts else find_phrases(language)

    def background(self, name: str) -> str:
        """The background of the file or of this machine; one that is nowhere is replaced by the usual one."""
        from audioguide.sound import background

        document = self._file.backgrounds.get(name)
        if document and (guest := background.add_embedded(name, document)):
            return guest
        if name in self._asked:
            return name
        try:
            background.find_background(name)
        except RequestError:
            self._note(f"The background {name} is not on this machine: {DEFAULT_BACKGROUND} sounds.")
            return DEFAULT_BACKGROUND
        return name

    def _note(self, line: str) -> None:
        self.notes = tuple(dict.fromkeys((*self.notes, line)))


@dataclass(frozen=True)
class PackedAssets:
    """What a file carries, and in a sentence each, what stays behind."""

    payload: bytes
    lacks: tuple[str, ...]


def pack_assets(
    routine: Routine, options: Options, voices: Iterable[VoiceProfile], brought: EmbeddedSession | None
) -> tuple[EmbeddedAssets, tuple[str, ...]]:
    """What of a session's voices, backgrounds and words its file can carry, and in a sentence each what it cannot.

    What was `brought` in a file goes on.
    """
    from audioguide.session.embed import EmbeddedAssets

    lacks: list[str] = []
    spoken = {name: document.data for name, document in brought.voices.items()} if brought else {}
    spoken |= dict(_voices(voices, lacks))
    sounds = {name: document.data for name, document in brought.backgrounds.items()} if brought else {}
    names = {step.background.name for step in routine.steps if step.background} | {options.background or SILENT}
    sounds |= dict(_backgrounds(sorted(names - {SILENT, *sounds}), lacks))
    said = brought.prompts.data if brought and brought.prompts else _own_words(routine.language)
    return EmbeddedAssets(spoken, sounds, said), tuple(lacks)


def _voices(voices: Iterable[VoiceProfile], lacks: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Voices whose engine and model come with audioguide: only those can be anywhere else."""
    shipped = {_model(voice) for voice in list_profiles() if not paths.is_user_file(paths.voice_file(voice.name))}
    for voice in voices:
        name = voice.title or voice.name
        if _model(voice) not in shipped:
            lacks.append(f"The voice {name} stays on this machine: elsewhere another one speaks.")
            continue
        if not isinstance(voice.lexicon, bool):
            lacks.append(f"The lexicon of the voice {name} stays on this machine.")
        yield voice.name, serialize_profile(voice)


def _backgrounds(names: Iterable[str], lacks: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The person's own ones, but for those with music."""
    from audioguide.sound import background

    known = paths.background_files()
    for name in names:
        if name not in known or not paths.is_user_file(known[name]):
            continue
        found = background.find_background(name)
        if found.self_contained:
            yield name, {key: value for key, value in found.data.items() if key != "description"}
        else:
            lacks.append(f"The music of the background {name} stays on this machine: elsewhere another one sounds.")


def _model(voice: VoiceProfile) -> tuple[str, str, str]:
    """What makes a voice the same voice, whatever its pace and gain."""
    return voice.engine, voice.model, voice.language


def _own_words(language: str) -> Mapping[str, Any] | None:
    path = paths.prompts_file(language)
    return read_document(path).data if paths.is_user_file(path) else None
