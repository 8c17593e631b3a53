"""Exports a session: the audio file with its tags, the files beside it, and what tells whether they are up to date."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from os import PathLike
from pathlib import Path
from typing import IO, Any

from audioguide.errors import AudioguideError, RequestError
from audioguide.export.captions import caption_cues, format_transcript, sidecar_paths, write_sidecar
from audioguide.export.encoder import Encoder
from audioguide.export.formats import FORMATS, format_of
from audioguide.export.tags import Tags, fit_chapters
from audioguide.export.writer import WriteProgress, write_files, write_tags
from audioguide.model.chapter_figure import chapter_figures
from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import Timeline
from audioguide.session.composition import Composition
from audioguide.session.embed import with_fingerprint
from audioguide.session.stream import SessionStream
from audioguide.sound.background import find_background
from audioguide.speech.engines.engine import make_engine
from audioguide.speech.languages import base_language
from audioguide.speech.voice_speaker import Progress
from audioguide.speech.voices import VoiceProfile, serialize_profile
from audioguide.system import paths
from audioguide.system.files import atomic_write, temporary_folder
from audioguide.system.process import cores
from audioguide.timeline.serialize import to_json
from audioguide.units import LONGEST_SESSION, to_frames

ARTIST, GENRE = "audioguide", "Fitness"


def export_session(
    session: Composition,
    target: str | PathLike[str] | IO[bytes],
    format: str | None,
    mono: bool,
    pictures: bool,
    bitrate: int | None,
    stems: bool,
    captions: Sequence[str],
    chapters: Sequence[str],
    spoken: Progress | None,
    written: WriteProgress | None,
    workers: int | None,
) -> Timeline:
    """Write a session and return its timeline; `Session.export` describes the arguments and errors."""
    if isinstance(target, str | PathLike):
        path = _check_path(target, format)
    elif not hasattr(target, "write"):
        raise RequestError(f"{target!r} is no file.", "Give a path, or a file that is open for writing bytes.")
    elif stems or captions or chapters:
        raise RequestError("Stems, captions and chapters are files beside the session.", "Give a path to write to.")
    else:
        with _temporary_file(target, format) as path:
            return export_session(session, path, None, mono, pictures, bitrate, False, (), (), spoken, written, workers)
    if mono:
        refuse_mono(session)
    form = format_of(path, bitrate)
    if form.tagging is None and session.on_note:
        told = {"artist": session.options.artist, "album": session.options.album, "cover": session.cover}
        if names := [name for name, value in told.items() if value]:
            session.on_note(f"A {form.ending} has no tags, so it does not have the {' and the '.join(names)}.")
    choices: dict[str, Any] = {"mono": mono, "pictures": pictures, "bitrate": bitrate}
    fingerprint = partial(compute_fingerprint, session, path, **choices, captions=captions, chapters=chapters)
    files = (path, *(stem_paths(path) if stems else ()))
    sidecars = sidecar_paths(path, captions, chapters)
    with atomic_write(*files, *sidecars) as parts:
        # The stream ends before the pool waits for its threads, since they wait for the stream.
        with ThreadPoolExecutor(2, "aside") as aside, session.stream(spoken) as stream:
            shown = form.tagging is not None and form.tagging.has_pictures and pictures
            tags = aside.submit(build_tags, session, stream, fingerprint, shown, pictures) if form.tagging else None
            progress = written or (lambda done, known: None)
            channels = 1 if mono else 2
            write_files(stream, parts[: len(files)], form, channels, workers or cores(), aside, progress, session.awake)
            timeline = session.to_timeline(stream.sections)
        if tags:
            write_tags(parts[0], form, tags.result())
        for part, sidecar in zip(parts[len(files) :], sidecars, strict=True):
            write_sidecar(part, sidecar.suffix, timeline)
    return timeline


def _check_path(target: str | PathLike[str], format: str | None) -> Path:
    if "\0" in str(target):
        raise RequestError(f"{target!r} is no file.", "Give its path.")
    path = Path(target)
    if format is not None and path.suffix.lower() != f".{format.lower().lstrip('.')}":
        raise RequestError(f"{path.name} does not end with .{format.lstrip('.')}.", "Leave `format` out, or rename it.")
    return path


@contextmanager
def _temporary_file(target: IO[bytes], format: str | None) -> Iterator[Path]:
    """A file to export to. Its content then goes to `target`."""
    if format is None:
        raise RequestError("A binary file has no ending that names the format.", 'Say which, as format="mp3".')
    with temporary_folder() as folder:
        path = folder / f"session.{format.lower().lstrip('.')}"
        yield path
        with path.open("rb") as file:
            shutil.copyfileobj(file, target)


def refuse_mono(session: Composition) -> None:
    """Raises RequestError for a session whose background needs two channels."""
    for name in session.background_names:
        if find_background(name).stereo_only:
            raise RequestError(
                f"In one channel the background {BackgroundSpec(name).title} is lost: it is different tones for the "
                "two ears.",
                "Leave --mono out, or choose another one with --background.",
            )


def build_tags(
    session: Composition,
    stream: SessionStream,
    fingerprint: Callable[[], str],
    pictures: bool = True,
    moving: bool = True,
) -> Tags:
    """The tags of a session's file, with a cover, `pictures` of its chapters or `moving` ones, and the session itself.

    Asks for the `fingerprint`, and waits until the whole session is compiled, which is long before it is encoded. The
    listener gets a note about each thing that the file cannot carry.
    """
    from audioguide.draw.chapter_pictures import MOST_BYTES, render_pictures
    from audioguide.draw.cover import hold_bars, render_cover
    from audioguide.draw.figure_svg import describe_figures

    computed = fingerprint()
    stream.reach(to_frames(LONGEST_SESSION) + 1)
    timeline = session.to_timeline(stream.sections)
    figures = chapter_figures(stream.routine, timeline)
    cover = session.cover or render_cover(timeline.title, timeline.routine, hold_bars(timeline), figures)
    found = {chapter.start: one for chapter, one in zip(timeline.chapters, figures, strict=True) if one}
    shown = {
        chapter.start: found[chapter.start] for chapter in fit_chapters(timeline.chapters) if chapter.start in found
    }
    payload = b""
    if session.pack:
        packed = session.pack()
        payload = with_fingerprint(packed.payload, computed)
        if session.on_note:
            for note in packed.notes:
                session.on_note(note)
    return Tags(
        title=timeline.title,
        frames=timeline.frames,
        chapters=timeline.chapters,
        album=session.options.album or ARTIST,
        artist=session.options.artist or ARTIST,
        composer=session.voice.display_name,
        genre=GENRE,
        comment=session.routine.description,
        transcript=format_transcript(timeline),
        cover=cover,
        language=session.phrases.texts.code,
        captions=caption_cues(timeline),
        payload=payload,
        pictures=render_pictures(shown, timeline.routine, MOST_BYTES - len(cover)) if pictures else {},
        page=lambda: {
            "language": stream.routine.language,
            "timeline": to_json(timeline, files=False),
            "figures": describe_figures(stream.routine.steps if moving else ()),
        },
    )


def compute_fingerprint(
    session: Composition,
    path: Path,
    *,
    mono: bool = False,
    pictures: bool = True,
    bitrate: int | None = None,
    captions: Sequence[str] = (),
    chapters: Sequence[str] = (),
) -> str:
    """The SHA-256, in hexadecimal, of all that the export of a session to `path` depends on, except the path itself.

    The file carries it, too, and is up to date as long as both are the same. "" if the file cannot carry its session.
    It covers the session as it is embedded in the file, the versions of the sound and of the speech engines, the
    lexicon and phrase files, the user's recordings and music, and the player in a one-file page.
    """
    from audioguide.sound import background
    from audioguide.sound.mixer import SOUND_VERSION

    form = format_of(path, bitrate)
    if session.pack is None or not (payload := session.pack().payload):
        return ""
    voices = (session.voice, *session.fallbacks.profiles)
    files = sorted(set(_language_files(voices, session.routine.language)))
    program = form.tagging.program() if form.tagging else ""
    parts = (
        SOUND_VERSION,
        hashlib.sha256(payload + session.cover).hexdigest(),
        [_describe_voice(voice) for voice in voices],
        [hashlib.sha256(file.read_bytes()).hexdigest() for file in files],
        [(name, background.dependencies(name)) for name in session.background_names],
        (form.bitrate, mono, pictures, *captions, *chapters, *filter(None, [program])),
    )
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _describe_voice(voice: VoiceProfile) -> tuple[Any, ...]:
    try:
        version = make_engine(voice).version
    except AudioguideError:  # it is not installed; an error is raised when it is to speak
        version = ""
    return voice.name, serialize_profile(voice), version


def _language_files(voices: Sequence[VoiceProfile], language: str) -> Iterator[Path]:
    """The files that decide what is said and how it is pronounced."""
    with suppress(RequestError):  # a session that brings its own phrases
        yield paths.prompts_file(language)
    for voice in voices:
        spoken_language = base_language(voice.language)
        yield from paths.lexicon_files(spoken_language)
        if voice.own_lexicon:
            yield voice.own_lexicon
        if spoken := paths.spoken_forms_file(spoken_language):
            yield spoken


@contextmanager
def record_wav(path: Path) -> Iterator[Encoder]:
    """The encoder of a WAV file, which gets its name when the context is left without an exception."""
    with atomic_write(path) as (part,), Encoder(part, FORMATS[".wav"]) as encoder:
        yield encoder


def stem_paths(path: Path) -> tuple[Path, Path, Path]:
    """Where the stems of an export lie: `FILE.voice.wav` and so on, FILE without its ending."""
    voice, background, chimes = (
        path.with_name(f"{path.stem}.{stem}.wav") for stem in ("voice", "background", "chimes")
    )
    return voice, background, chimes
