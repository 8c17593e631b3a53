"""A person's own recordings as a voice: a folder with a sound file for each text, in any format."""

from __future__ import annotations

import difflib
import errno
import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from audioguide.arrays import NDArray, np
from audioguide.errors import EnvironmentFailure, Problem, RequestError, RoutineError
from audioguide.model.selectors import slug
from audioguide.model.timeline import Utterance
from audioguide.schema.document import Document, Record, read_document
from audioguide.schema.validate import validate
from audioguide.speech.clip import fade_ends, normalize_loudness
from audioguide.speech.engines.engine import Engine, pcm_to_float
from audioguide.speech.languages import check_has_words, shorten
from audioguide.speech.normalize import normalize
from audioguide.speech.numbers import load_spoken_forms
from audioguide.speech.takes import MOMENT, find_words, measure_levels
from audioguide.speech.voices import VoiceProfile
from audioguide.system.ffmpeg import decode_to_segment
from audioguide.system.files import file_state
from audioguide.system.paths import display_path, is_file
from audioguide.units import RATE

_MAX_NAME = 60  # characters of a file name that come from the text; a digest distinguishes longer texts

# Endings of files that may lie beside recordings.
_NOT_SOUND = frozenset(
    ".aup3 .csv .docx .html .jpeg .jpg .json .lab .md .odt .pdf .pk .png .rtf .srt .txt .vtt .yaml .yml .zip".split()
)
# The least that a recording as a whole, and speech, are over the room: that may be digital silence, or not be heard.
_MEAN_OVER_ROOM_DB, _SPEECH_OVER_ROOM_DB = 46.0, 34.0
_QUIETEST_DB = -60.0
_BEFORE, _AFTER = 4, 12  # moments that are kept around the words


def recording_name(text: str) -> str:
    """The file name (no ending) of a text's recording: the text as an id, cut if it is long; "" without a letter."""
    name = slug(text)
    if len(name) <= _MAX_NAME:
        return name
    digest = hashlib.blake2b(name.encode(), digest_size=3).hexdigest()
    return f"{name[:_MAX_NAME].rpartition('-')[0] or name[:_MAX_NAME]}-{digest}"


@dataclass(frozen=True, slots=True)
class RecordingIndex(Record):
    """`index.yaml`: the recordings of texts that their files are not named after."""

    recordings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recordings:
    """The sound files of a folder by their texts' `recording_name`, as they were when the folder was read."""

    folder: Path
    files: Mapping[str, Path]
    states: Mapping[Path, object] = field(default_factory=dict)

    def file(self, text: str) -> Path | None:
        """The recording of a text; None when there is none."""
        return self.files.get(recording_name(text))


def find_recordings(voice: VoiceProfile) -> Recordings:
    """The files named after a text or its id (`Breathe in.m4a`), the one changed last of two, and those in the index;
    none of a voice that is not recorded.

    Raises RequestError when its folder is missing, and RoutineError with every problem of its index.
    """
    if voice.engine != "recorded":
        return Recordings(Path(), {})
    folder = voice.folder / voice.model
    try:
        paths = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        sounds = [path for path in paths if path.suffix.lower() not in _NOT_SOUND]
        oldest_first = sorted(sounds, key=lambda path: (path.stat().st_mtime_ns, path.name))
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            reason = error.strerror or error
            raise EnvironmentFailure(f"The recordings in {display_path(folder)} cannot be read: {reason}.") from None
        message = f"There is no folder {display_path(folder)} with recordings."
        raise RequestError(message, "Make it, or name another in the voice's profile.") from None
    # A long file name is either a whole text or, with its digest, a name from the recording list.
    files = {name_of(path.stem): path for name_of in (recording_name, slug) for path in oldest_first}
    index = folder / "index.yaml"
    if index.is_file():
        files |= _read_index(read_document(index), folder)
    return Recordings(folder, files, {path: file_state(path) for path in files.values()})


def _read_index(document: Document, folder: Path) -> dict[str, Path]:
    entries = validate(document, RecordingIndex).recordings
    files = {text: folder / file for text, file in entries.items()}
    if missing := {text: file for text, file in files.items() if not is_file(file)}:
        fix = "Name a file in the folder of the index."
        places = {document.place(("recordings", text)): display_path(file) for text, file in missing.items()}
        raise RoutineError(
            Problem(place, "unreadable", f"There is no file {file}.", fix) for place, file in places.items()
        )
    return {recording_name(text): file for text, file in files.items()}


class RecordedEngine(Engine):
    """Plays the recordings in the folder that `model` names, normalised (0 dB gain is right) and at their own pace."""

    sample_rate = RATE
    needs_full_text, paced = True, False
    lexicon_format = None

    @cached_property
    def version(self) -> str:
        """Changes when a recording has changed, was added, or is gone."""
        digest = hashlib.blake2b(digest_size=10)
        for name, path in sorted(self._recordings.files.items()):
            digest.update(repr((name, str(path), self._recordings.states[path])).encode())
        return f"3 {digest.hexdigest()}"

    @cached_property
    def _recordings(self) -> Recordings:
        return find_recordings(self.profile)

    def cannot_say(self, text: str) -> RequestError | None:
        """Why the text cannot be played: it is not recorded. Raises RequestError when there is no folder."""
        if self._recordings.file(text):
            return None
        if empty := check_has_words(text):
            return empty
        folder, voice = display_path(self._recordings.folder), self.profile.name
        return RequestError(
            f"{shorten(text)!r} is not recorded: {folder} holds no {recording_name(text)}.wav or the like.",
            f"Record it (audioguide voices record --voice {voice}), or name a fallback in that voice.",
        )

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The recording, trimmed: float32 mono at 44.1 kHz, within ±2. RequestError if missing, no sound or changed."""
        file = self._recordings.file(text)
        if not file:
            raise self.cannot_say(text) or AssertionError
        sound = pcm_to_float(
            decode_to_segment(file, 300.0).raw_data
        )  # the longest instructions take some sixty seconds
        if file_state(file) != self._recordings.states[file]:  # the key of the clip is that of the old one
            raise RequestError(f"{display_path(file)} was changed in the meantime.", "Run it again.")
        levels = measure_levels(sound)
        (softest, loudest), mean = np.percentile(levels, (5, 95)), 10 * np.log10(np.mean(10 ** (levels / 10)))
        room = max(mean - _MEAN_OVER_ROOM_DB, min(softest, loudest - _SPEECH_OVER_ROOM_DB))
        first, last, voice = find_words(levels, room)
        if first == last or voice < _QUIETEST_DB:
            raise RequestError(f"{display_path(file)} is silent.", "Record it again.")
        words = sound[max(0, first - _BEFORE) * MOMENT : (last + _AFTER) * MOMENT].copy()
        fade_ends(words, MOMENT, 4 * MOMENT)
        return normalize_loudness(words, RATE)


@dataclass(frozen=True, slots=True)
class RecordingListRow:
    """A text to record, where it is first said, its file, and whether that exists already."""

    text: str
    said: Utterance
    file: Path
    exists: bool


def recording_list(utterances: Iterable[Utterance], voice: VoiceProfile) -> tuple[RecordingListRow, ...]:
    """The recordings of a voice that these utterances need, in order: each normalised text once, a missing file as
    `….wav`. Raises as `find_recordings`.
    """
    rows: dict[str, RecordingListRow] = {}
    forms, recordings = load_spoken_forms(voice.language), find_recordings(voice)
    for utterance in utterances:
        text = normalize(utterance.text, forms)
        if (name := recording_name(text)) and name not in rows:
            file = recordings.file(text)
            path = file or recordings.folder / f"{name}.wav"
            rows[name] = RecordingListRow(text, utterance, path, file is not None)
    return tuple(rows.values())


def find_strays(rows: Collection[RecordingListRow], voice: VoiceProfile) -> dict[Path, RecordingListRow | None]:
    """The recordings of none of these texts, each with the text without one whose name is much like its own, if any."""
    used, missing = {row.file for row in rows}, {row.file.stem: row for row in rows if not row.exists}
    strays = [path for path in dict.fromkeys(find_recordings(voice).files.values()) if path not in used]
    alike = {path: difflib.get_close_matches(slug(path.stem), missing, 1, 0.75) for path in strays}
    return {path: missing[names[0]] if names else None for path, names in alike.items()}
