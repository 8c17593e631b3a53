"""A person's own recordings as a voice: a folder with a sound file for each text, in any format."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, Problem, RequestError, RoutineError
from audioguide.model.selectors import slug
from audioguide.model.timeline import Role, Utterance
from audioguide.schema.document import Document, Record, read_document
from audioguide.schema.validate import validate
from audioguide.speech.clip import normalize_loudness
from audioguide.speech.engines.engine import Engine
from audioguide.speech.languages import check_has_words, shorten
from audioguide.speech.normalize import spoken
from audioguide.speech.voices import VoiceProfile
from audioguide.system.ffmpeg import decode_to_segment
from audioguide.system.paths import display_path, is_file
from audioguide.units import RATE

if TYPE_CHECKING:
    from pydub import AudioSegment

INDEX = "index.yaml"
"""Beside the recordings, if they are not named by what is said in them."""

LONGEST = 300.0
"""Seconds of a recording: the longest instructions take some sixty."""

_LONGEST_NAME = 60
"""Characters of a file's name that come from the text; a digest keeps longer texts apart."""

_NOT_SOUND = frozenset(
    ".aup3 .csv .docx .html .jpeg .jpg .json .lab .md .odt .pdf .pk .png .rtf .srt .txt .vtt .yaml .yml .zip".split()
)
"""Endings of what lies beside recordings and is none."""

_UNDER_SPEECH_DB = -36.0
"""What is so much softer than the recording as a whole is the room, not the speaker."""

_OVER_ROOM_DB, _FAINTEST_SPEECH_DB = 10.0, -24.0
"""A noisy room is louder than that: what is less than so much over its softest moments is still the room, up to so
much under the loudest ones, since a recording that begins with its first word has no moment without speech."""

_QUIETEST_DB, _DIGITAL_SILENCE_DB = -60.0, -100.0
_BEFORE_MS, _AFTER_MS, _FADE_IN_MS, _FADE_OUT_MS = 40, 120, 10, 40


def recording_name(text: str) -> str:
    """The name of a text's recording, without the ending: the text as an id, cut if it is long. "" without a letter."""
    name = slug(text)
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=3).hexdigest()
    return f"{name[:_LONGEST_NAME].rpartition('-')[0] or name[:_LONGEST_NAME]}-{digest}"


@dataclass(frozen=True, slots=True)
class RecordingIndex(Record):
    """What `index.yaml` says: texts, and the files that they are recorded in."""

    recordings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recordings:
    """The files of a folder by what is said in them, as `name_of` has it."""

    folder: Path
    files: Mapping[str, Path]

    def file(self, text: str) -> Path | None:
        """The recording of a text; None when there is none."""
        return self.files.get(recording_name(text))

    @property
    def state(self) -> str:
        """Changes when a recording does, or is added, or goes."""
        told = hashlib.blake2b(digest_size=10)
        for name, path in sorted(self.files.items()):
            try:
                found = path.stat()
            except OSError:  # told when it is to be read
                continue
            told.update(repr((name, str(path), found.st_size, found.st_mtime_ns)).encode())
        return told.hexdigest()


def find_recordings(folder: Path) -> Recordings:
    """What is recorded in a folder. A file is found by its name, which is the text or its id (`breathe-in.wav`,
    `Breathe in.m4a`), or by the index; of two for one text, the one that was changed last.

    Raises RequestError when there is no such folder, and RoutineError with all that is wrong with its index.
    """
    try:
        paths = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        sounds = [path for path in paths if path.suffix.lower() not in _NOT_SOUND]
        oldest_first = sorted(sounds, key=lambda path: (path.stat().st_mtime_ns, path.name))
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            reason = error.strerror or error
            raise EnvironmentFailure(f"The recordings in {display_path(folder)} cannot be read: {reason}.") from None
        raise RequestError(
            f"There is no folder {display_path(folder)} with recordings.",
            "Make it, or name another in the voice's profile.",
        ) from None
    # A long name is one of the record sheet, or a text written out: both come to the same here.
    named = {recording_name(path.stem): path for path in oldest_first} | {
        slug(path.stem): path for path in oldest_first
    }
    index = folder / INDEX
    return Recordings(folder, named | (_indexed(read_document(index), folder) if index.is_file() else {}))


def _indexed(document: Document, folder: Path) -> dict[str, Path]:
    entries = validate(document, RecordingIndex).recordings
    files = {text: folder / file for text, file in entries.items()}
    if missing := {text: file for text, file in files.items() if not is_file(file)}:
        raise RoutineError(
            Problem(
                document.place(("recordings", text)),
                "unreadable",
                f"There is no file {display_path(file)}.",
                "Name one that lies beside the index.",
            )
            for text, file in missing.items()
        )
    return {recording_name(text): file for text, file in files.items()}


def recordings_folder(profile: VoiceProfile) -> Path:
    """Where the recordings of a voice lie: its `model`, relative to the profile."""
    return profile.folder / profile.model


class RecordedEngine(Engine):
    """Plays the recordings in the folder that the profile's `model` names.

    They are levelled, so a gain of 0 dB is right; `rate` changes nothing, since they have the pace that they have.
    """

    sample_rate = RATE
    needs_full_text = True
    lexicon_format = None

    @cached_property
    def version(self) -> str:
        """Changes with the recordings."""
        return f"2 {self._recordings.state}"

    @cached_property
    def _recordings(self) -> Recordings:
        return find_recordings(recordings_folder(self.profile))

    def cannot_say(self, text: str) -> RequestError | None:
        """That the text is not recorded. Raises RequestError when there is no folder."""
        if self._recordings.file(text):
            return None
        if nothing := check_has_words(text):
            return nothing
        folder, voice = display_path(self._recordings.folder), self.profile.name
        return RequestError(
            f"{shorten(text)!r} is not recorded: {folder} holds no {recording_name(text)}.wav or the like.",
            f"Record it (audioguide voices record-sheet lists all), or name a fallback in the voice {voice}.",
        )

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The recording as float32 mono at 44.1 kHz, without the room before and after it, within ±2.

        Raises RequestError when there is none, or it is not one.
        """
        file = self._recordings.file(text)
        if not file:
            raise self.cannot_say(text) or AssertionError
        sound = decode_to_segment(file, LONGEST)
        if sound.max_dBFS < _QUIETEST_DB:
            raise RequestError(f"{display_path(file)} is silent.", "Record it again.")
        samples = np.frombuffer(_trimmed(sound).raw_data, "<i2").astype(np.float32) / np.float32(32_768)
        return normalize_loudness(samples, RATE)


def _trimmed(sound: AudioSegment) -> AudioSegment:
    """The recording from just before its first word until just after its last, faded in and out of the room."""
    from pydub.silence import detect_leading_silence

    threshold = max(sound.dBFS + _UNDER_SPEECH_DB, _room_db(sound))
    before, after = (detect_leading_silence(way, threshold) for way in (sound, sound.reverse()))
    heard = sound[max(0, before - _BEFORE_MS) : len(sound) - max(0, after - _AFTER_MS)]
    return heard.fade_in(_FADE_IN_MS).fade_out(_FADE_OUT_MS)


def _room_db(sound: AudioSegment) -> float:
    """The level in dBFS below which the room is heard, and nobody who speaks."""
    levels = [moment.dBFS for moment in sound[::10]]
    softest, loudest = np.percentile([max(level, _DIGITAL_SILENCE_DB) for level in levels], (5, 95))
    return float(min(softest + _OVER_ROOM_DB, loudest + _FAINTEST_SPEECH_DB))


@dataclass(frozen=True, slots=True)
class RecordingListRow:
    """A text to be recorded, the part it plays where it comes first, and its file, which may be there already."""

    text: str
    role: Role
    file: Path
    exists: bool


def recording_list(
    utterances: Iterable[Utterance], recordings: Recordings, language: str
) -> tuple[RecordingListRow, ...]:
    """What has to be recorded for these utterances, each text once, in order; a file to be made is named `….wav`.

    Texts are as they are said in `language`, with numbers and abbreviations in words.
    """
    rows: dict[str, RecordingListRow] = {}
    for utterance in utterances:
        text = spoken(utterance.text, language)
        if (name := recording_name(text)) and name not in rows:
            file = recordings.file(text)
            rows[name] = RecordingListRow(
                text, utterance.role, file or recordings.folder / f"{name}.wav", file is not None
            )
    return tuple(rows.values())
