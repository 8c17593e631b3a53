"""`audioguide voices record` and `record-sheet`: the lines of a routine that a person is to say."""

import math
import textwrap
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from audioguide.cli.console import can_ask, json_option, line_width, print_json, print_table
from audioguide.cli.flags import session_options
from audioguide.cli.sessions import open_resolved, play_or_export, play_preview, resolve_routine
from audioguide.errors import AudioguideError, RequestError
from audioguide.model.options import Options
from audioguide.model.selectors import slug
from audioguide.player.devices.miniaudio import Microphone
from audioguide.player.ui.big_text import draw_letters
from audioguide.player.ui.keyboard import KeyReader, open_keyboard
from audioguide.session.preview import Preview, make_voice_preview
from audioguide.session.session import Session
from audioguide.speech.clip import normalize_loudness
from audioguide.speech.engines.recordings import RecordingListRow, find_recordings, find_strays, recording_list
from audioguide.speech.languages import same_language
from audioguide.speech.takes import clean_take, judge_take, measure_room
from audioguide.speech.voice_choice import choose_voice
from audioguide.speech.voices import VoiceProfile, find_profile, part_of
from audioguide.system import paths
from audioguide.system.files import hold_folder, make_folder, write_text
from audioguide.system.paths import display_path
from audioguide.units import RATE

_MANNERS = {"narration": "calmly", "breath": "softly, on the breath", "count": "short and even"}
_TICK = 0.05  # seconds between two looks at the keys and the microphone
_LONGEST = 150.0  # seconds of a take: the longest instructions take some sixty


@click.command("record-sheet")
@click.argument("routine")
@json_option
@session_options
def record_sheet(routine: str, as_json: bool, options: Options) -> None:
    """List the texts of ROUTINE to be recorded. With --voice NAME of a voice whose engine is `recorded`, the list says
    which recordings are missing.
    """
    session = open_resolved(resolve_routine(routine, options))
    rows = recording_list(session.outline.utterances, session.voice)
    if as_json:
        keys = ("file", "there", "role", "text")
        print_json([dict(zip(keys, (str(row.file), row.exists, row.said.role, row.text), strict=True)) for row in rows])
        return
    print_table(("ok" if row.exists else "--", row.file.name, row.said.role, row.text) for row in rows)
    _tell_recordings(rows, session.voice)


def _tell_recordings(rows: Sequence[RecordingListRow], voice: VoiceProfile) -> None:
    """Say how many texts have a recording, and which recordings have none of these texts."""
    where = f" in {display_path(find_recordings(voice).folder)}" if voice.engine == "recorded" else ""
    click.echo(f"{sum(row.exists for row in rows)} of {len(rows)} texts are recorded{where}.", err=True)
    strays = find_strays(rows, voice)
    for path, row in strays.items():
        if row:
            click.echo(f"Is {path.name} the recording of {row.text!r}? Then name it {row.file.name}.", err=True)
    if others := ", ".join(path.name for path, row in strays.items() if not row):
        click.echo(f"Of no text of this routine: {others}.", err=True)


@click.command("record")
@click.argument("routine")
@click.option("--device", metavar="NAME", default="", help="The microphone, or a part of its name.")
@click.option("--all", "anew", is_flag=True, help="Lead also through the lines that are recorded.")
@session_options
def record_voice(routine: str, device: str, anew: bool, options: Options) -> None:
    """Record the lines of ROUTINE in your own voice, one after the other, with the microphone.

    --voice NAME names your voice (my-voice without it); it is made if it is not there. Each line is shown, and said by
    another voice if you like. Your take is cut and judged: clipped, too quiet, noisy, cut off, other words. What you
    keep is kept: quit at any time, and go on with the same command. Then `audioguide play ROUTINE --voice NAME`.
    """
    if not can_ask():
        raise RequestError("Recording asks for keys, and there is no terminal to press them in.", "Run it in one.")
    language = resolve_routine(routine, replace(options, voice=None)).routine.language
    with closing(Microphone(device)) as microphone, open_keyboard() as keys:
        voice = _find_voice(options.voice or "my-voice", language)
        session = open_resolved(resolve_routine(routine, replace(options, voice=voice.name)))
        with hold_folder(find_recordings(voice).folder):
            _Recorder(session, microphone, keys).run(anew)
    _tell_recordings(recording_list(session.outline.utterances, voice), voice)
    click.echo(f"The same command goes on; --voice {voice.name} speaks.", err=True)


def _find_voice(name: str, language: str) -> VoiceProfile:
    """The voice of this name, or its id; it is made if there is none."""
    known, voices = paths.voice_files(), paths.user_dir() / "voices"
    name = name if name in known else slug(name) or "my-voice"
    if name not in known:
        text = Path(__file__).with_name("voice.yaml").read_text("utf-8").format(name=name, language=language)
        with suppress(RequestError):  # no other voice speaks it
            text += f"fallback: {choose_voice(language).name}   # says what is not recorded yet\n"
        make_folder(voices / name)
        write_text(voices / f"{name}.yaml", text)
    voice = find_profile(name)
    if voice.engine != "recorded" or not same_language(voice.language, language):
        what = f"The voice {name} ({voice.engine}, {voice.language}) has no recordings in the language {language}."
        raise RequestError(what, "Name another with --voice: it is made if it is not there.")
    return voice


@dataclass
class _Recorder:
    """Leads through the lines of a session. Raises EnvironmentFailure when the microphone or the disk fails."""

    session: Session
    microphone: Microphone
    keys: KeyReader
    room: float = 0.0  # its level

    def run(self, anew: bool) -> None:
        """Record the lines without a recording, or all `anew`, until that is done or the person quits."""
        rows = recording_list(self.session.outline.utterances, self.session.voice)
        left = [row for row in rows if anew or not row.exists]
        sections = reversed(self.session.outline.timeline.sections)
        chapters = {cue.text: section.chapter.title for section in sections for cue in section.cues}
        at, move = 0, int(bool(left) and self._check_sound())
        while move and at < len(left):
            move = self._record_line(left[at], f"{at + 1} of {len(left)} · {chapters.get(left[at].said.text, '')}")
            at = max(0, at + move)

    def _check_sound(self) -> bool:
        """Hear the room and the voice until the person goes on; False where they quit instead."""
        answer = "again"
        while answer == "again":
            click.echo("Sound check: say nothing for three seconds, then speak for three, as in the session.", err=True)
            if self._ask(enter="begin", q="quit") == "quit":
                return False
            heard = self._hear(("say nothing", "speak now"))
            self.room, hum = measure_room(heard[: len(heard) // 2])
            fault = judge_take(heard[len(heard) // 2 :], self.room)[1]
            click.echo(fault + hum if fault else "Good.", err=True)
            answer = self._ask(enter="go on", r="again", q="quit")
        return answer == "go on"

    def _record_line(self, row: RecordingListRow, about: str) -> int:
        """Record a line until the person goes on. How far they go: 1, or −1 for back, or 0 to quit."""
        with self.session.speaker() as speaker:
            expected = speaker.estimate(row.said) / RATE
        role, width, large = row.said.role, line_width() - 8, draw_letters(row.text)
        shown = large if large and len(large[0]) < width else textwrap.wrap(row.text, min(width, 72))
        click.clear()
        click.secho(f"{about} · {role}: {_MANNERS[part_of(role)]}, about {expected:.0f} s\n", err=True, dim=True)
        click.secho("\n".join(f"    {line}" for line in (*shown, "")), err=True, bold=True)
        words, fault = np.zeros(0, np.float32), ""
        while True:
            good = len(words) and not fault
            offers = {"enter": "keep", "r": "again"} if good else {"enter": "record"}
            offers |= {"k": "keep it"} if fault and len(words) else {}
            offers |= {"l": "listen"} if len(words) or row.file.exists() else {}
            answer = self._ask(**offers, m="model", s="skip", b="back", q="quit")
            if answer in ("record", "again"):
                most = 0.75 if role == "countdown" else math.inf  # a word each second, and a gap
                words, fault = judge_take(self._hear(), self.room, expected, most)
                click.echo(fault or "Good.", err=True)
            elif answer in ("listen", "model"):
                self._play(row.said.text, words, answer == "listen")
            else:
                if answer.startswith("keep"):
                    _to_preview(words).write(row.file)
                return {"back": -1, "quit": 0}.get(answer, 1)

    def _play(self, text: str, words: NDArray[np.float32], own: bool) -> None:
        """Play a take, or the text in one's `own` voice or the one that says what is not recorded. Errors are told."""
        voices = (*self.session.fallbacks.profiles, self.session.voice)
        try:
            if own and len(words):
                play_preview(_to_preview(normalize_loudness(words, RATE)))
            else:
                play_or_export(make_voice_preview(voices[-1 if own else 0], text), None)
        except AudioguideError as error:  # no loudspeaker, a voice that is not installed
            click.echo(str(error), err=True)

    def _hear(self, hints: Sequence[str] = ()) -> NDArray[np.float32]:
        """What is said until a key is pressed, or for three seconds a hint; a line of the terminal shows the level."""
        parts, pressed, heard, rate = [self.microphone.read()[:0]], "", 0.0, self.microphone.rate
        while heard < (3.0 * len(hints) or _LONGEST) and (hints or pressed not in ("enter", "space")):
            pressed = self.keys.read(_TICK) or ""
            parts.append(self.microphone.read())
            cells = round(30 + 10 * math.log10(np.abs(parts[-1]).max(initial=1e-5)))  # each is 2 dB
            hint = hints[int(heard / 3.0)] if hints else "Enter ends it."
            click.echo(f"\r  {heard:5.1f} s  [{'#' * cells:<30}]  {hint:<14}", nl=False, err=True)
            heard += len(parts[-1]) / rate
        time.sleep(2 * _TICK)  # for what is on its way
        click.echo(err=True)
        return clean_take(np.concatenate([*parts, self.microphone.read()]), rate)

    def _ask(self, **offers: str) -> str:
        """One of the offers, by its key; space is Enter."""
        click.echo("  ".join(f"[{key.capitalize()}] {offer}" for key, offer in offers.items()), err=True)
        while (pressed := (self.keys.read(_TICK) or "").lower().replace("space", "enter")) not in offers:
            self.microphone.read()  # raises when it is gone
        return offers[pressed]


def _to_preview(words: NDArray[np.float32]) -> Preview:
    return Preview(len(words), lambda start, count: np.repeat(words[start : start + count, None], 2, axis=1))
