"""Finds what a session names besides its routine: voices, backgrounds, the phrases of its language.

They are those of this machine. An exported file carries the pace and gain of its voices, its backgrounds and phrases;
what is neither in the file nor on this machine is replaced by the default, with a note.
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
    """Finds the assets of this machine."""

    notes: tuple[str, ...] = ()
    """What was replaced, a line each for the listener."""

    def only_requested(self, options: Options) -> Options:
        """The options without those of an exported file: what these name must exist."""
        return options

    def find_voice(self, name: str) -> VoiceProfile:
        """The voice of that name; RequestError when there is none."""
        return find_profile(name)

    def choose_voice(self, language: str) -> VoiceProfile:
        """The voice of a session that names none."""
        return choose_voice(language)

    def find_phrases(self, language: str) -> Phrases:
        """The phrases of a language; RequestError when there are none."""
        return find_phrases(language)

    def find_background(self, name: str) -> str:
        """The name under which a background is found."""
        return name


class BundledAssets(AssetResolver):
    """Finds the assets of an exported file, and then those of this machine."""

    def __init__(self, file: EmbeddedSession, language: str) -> None:
        self._file, self._language = file, language
        self._requested: set[str | None] = set()

    def only_requested(self, options: Options) -> Options:
        """The options without those of the file: what these name may be replaced."""
        file, names = self._file.options, ("voice", "fallback", "background")
        changes: dict[str, Any] = {name: None for name in names if getattr(options, name) == getattr(file, name)}
        requested = replace(options, **changes)
        self._requested = {getattr(requested, name) for name in names}
        return requested

    def find_voice(self, name: str) -> VoiceProfile:
        """The voice of that name, with the file's pace and gain. One of the file that does not work on this machine is
        replaced by the default of the language.
        """
        local = self._find_local_voice(name)
        if name in self._requested:
            return local or find_profile(name)
        if local and check_availability(local).missing is None:
            return local
        default = choose_voice(self._language)
        self._note(f"The voice {name} is not on this machine: {default.title or default.name} speaks.")
        return default

    def _find_local_voice(self, name: str) -> VoiceProfile | None:
        """The voice of that name on this machine; for a voice of the file the one of the same model, by any name."""
        known = {voice.name: voice for voice in list_profiles()}
        document = self._file.voices.get(name)
        if document is None:
            return known.get(name)
        candidates = sorted(known.values(), key=lambda voice: voice.name != name)
        return next((found for voice in candidates if (found := restore_profile(voice, name, document))), None)

    def choose_voice(self, language: str) -> VoiceProfile:
        """The voice that spoke when the file was made."""
        return self.find_voice(self._file.voice)

    def find_phrases(self, language: str) -> Phrases:
        """The phrases in the file, if it has any."""
        return parse_phrases(self._file.prompts) if self._file.prompts else find_phrases(language)

    def find_background(self, name: str) -> str:
        """The background of the file or of this machine; the default for one that is in neither."""
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


@dataclass(frozen=True)
class PackedAssets:
    """What an exported file carries, and a line about each thing that it cannot carry."""

    payload: bytes
    notes: tuple[str, ...]


def pack_assets(
    routine: Routine, options: Options, voices: Iterable[VoiceProfile], embedded: EmbeddedSession | None
) -> tuple[EmbeddedAssets, tuple[str, ...]]:
    """The voices, backgrounds and phrases of a session that its file can carry, and notes on those that it cannot.

    What was `embedded` in the file that the session comes from stays in.
    """
    from audioguide.session.embed import EmbeddedAssets

    notes: list[str] = []
    voice_data = {name: document.data for name, document in embedded.voices.items()} if embedded else {}
    voice_data |= dict(_pack_voices(voices, notes))
    sounds = {name: document.data for name, document in embedded.backgrounds.items()} if embedded else {}
    names = {step.background.name for step in routine.steps if step.background} | {options.background or SILENT}
    sounds |= dict(_pack_backgrounds(sorted(names - {SILENT, *sounds}), notes))
    if embedded and embedded.prompts:
        return EmbeddedAssets(voice_data, sounds, embedded.prompts.data), tuple(notes)
    path = paths.prompts_file(routine.language)
    prompts = read_document(path).data if paths.is_user_file(path) else None
    return EmbeddedAssets(voice_data, sounds, prompts), tuple(notes)


def _pack_voices(voices: Iterable[VoiceProfile], notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Voices whose engine and model come with audioguide: only those can be on other machines."""
    bundled = {_model(voice) for voice in list_profiles() if not paths.is_user_file(paths.voice_file(voice.name))}
    for voice in voices:
        name = voice.title or voice.name
        if _model(voice) not in bundled:
            notes.append(f"The voice {name} stays on this machine: elsewhere another one speaks.")
            continue
        if not isinstance(voice.lexicon, bool):
            notes.append(f"The lexicon of the voice {name} stays on this machine.")
        yield voice.name, serialize_profile(voice)


def _pack_backgrounds(names: Iterable[str], notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The user's own backgrounds, except those with music."""
    from audioguide.sound import background

    files = paths.background_files()
    for name in names:
        if name in files and paths.is_user_file(files[name]):
            found = background.find_background(name)
            if found.self_contained:
                yield name, {key: value for key, value in found.data.items() if key != "description"}
            else:
                notes.append(f"The music of the background {name} stays on this machine: elsewhere another one sounds.")


def _model(voice: VoiceProfile) -> tuple[str, str, str]:
    """What identifies a voice, whatever its pace and gain."""
    return voice.engine, voice.model, voice.language
