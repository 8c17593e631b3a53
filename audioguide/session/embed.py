"""Writes a session as the JSON (ASCII) that an exported file carries. The same session gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from audioguide.export.tags import LARGEST_PAYLOAD, LONGEST_TITLE, PAYLOAD_FORMAT, SAFE_ID
from audioguide.model.options import SILENT, to_data
from audioguide.model.routine import BackgroundSpec
from audioguide.model.selectors import slug
from audioguide.routine.sources import read_pose
from audioguide.schema.document import DEEPEST, read_document
from audioguide.schema.json_document import depth
from audioguide.session.composition import Composition, PackedSession
from audioguide.speech.engines.engine import list_profiles
from audioguide.speech.voices import VoiceProfile, serialize_profile
from audioguide.system import paths

if TYPE_CHECKING:
    from audioguide.session.preset import ResolvedRoutine


def pack_session(resolved: ResolvedRoutine, session: Composition) -> PackedSession:
    """A session as its file carries it: with all options in force, and nothing that tells where or when it was made.

    What was embedded in the file that the session comes from stays in.
    """
    routine, options, embedded = resolved.routine, resolved.options, resolved.embedded
    notes: list[str] = []
    voices = {name: document.data for name, document in embedded.voices.items()} if embedded else {}
    voices |= dict(_pack_voices((session.voice, *session.fallbacks.profiles), notes))
    backgrounds = {name: document.data for name, document in embedded.backgrounds.items()} if embedded else {}
    names = {step.background.name for step in routine.steps if step.background} | {options.background or SILENT}
    backgrounds |= dict(_pack_backgrounds(sorted(names - {SILENT, *backgrounds}), notes))
    prompts = embedded.prompts if embedded else None
    if prompts is None and paths.is_user_file(path := paths.prompts_file(routine.language)):
        prompts = read_document(path)
    poses = dict(resolved.written.poses)
    for id in (slug(pose) for _, pose in options.swap):
        if id not in poses:
            poses[id] = read_pose(id, routine.language)[1].data
    background = options.background and BackgroundSpec(options.background).title  # not where the file lies
    own: dict[str, Any] = {"cover": None, "background": background, "language": None}  # the words are in it
    data = {
        "format": PAYLOAD_FORMAT,
        "id": safe_id(routine.id),
        "title": session.routine.title[:LONGEST_TITLE],
        "options": to_data(replace(options.with_poses(lambda row, pose: pose), **own)),
        "cover": bool(session.cover),
        "voice": session.voice.name,
        "routine": resolved.written.routine,
        "routines": resolved.written.included,
        "poses": poses,
        "voices": voices,
        "backgrounds": backgrounds,
        "prompts": prompts and prompts.data,
        "plan": resolved.plan,
    }
    filled = {key: value for key, value in data.items() if value or key == "options"}
    payload = json.dumps(filled, separators=(",", ":")).encode("ascii") if depth(filled) <= DEEPEST else b""
    if not payload or len(payload) > LARGEST_PAYLOAD:
        return PackedSession(b"", ("The routine is too large for the file to carry: it cannot be changed later.",))
    return PackedSession(payload, tuple(notes))


def _pack_voices(voices: Iterable[VoiceProfile], notes: list[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Voices whose engine and model come with audioguide: only those can be on other machines."""
    files = paths.voice_files()
    bundled = {_model(voice) for voice in list_profiles() if not paths.is_user_file(files[voice.name])}
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
        if name not in files and paths.is_sound_file(name):
            title = BackgroundSpec(name).title
            notes.append(f"The music {title} stays on this machine: elsewhere another one sounds.")
        elif name in files and paths.is_user_file(files[name]):
            found = background.find_background(name)
            if found.self_contained:
                yield name, {key: value for key, value in found.data.items() if key != "description"}
            else:
                notes.append(f"The music of the background {name} stays on this machine: elsewhere another one sounds.")


def _model(voice: VoiceProfile) -> tuple[str, str, str]:
    """What identifies a voice, whatever its pace and gain."""
    return voice.engine, voice.model, voice.language


def safe_id(id: str) -> str:
    """The id in an exported file. It names the file of another export, so it must not lead to another folder."""
    return id if SAFE_ID.fullmatch(id) else slug(id)[:80] or "session"


def with_fingerprint(payload: bytes, fingerprint: str) -> bytes:
    """A payload with the fingerprint of its export, which tells later whether the file is up to date."""
    return payload[:-1] + f',"mark":{json.dumps(fingerprint)}}}'.encode() if payload and fingerprint else payload
