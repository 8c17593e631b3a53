"""Contract 5 on what comes out: the real voice, the real encoder, measured by other people's programs."""

import subprocess
import weakref
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import audioguide
from audioguide.errors import RequestError
from audioguide.model.timeline import Timeline
from audioguide.session.output import stem_paths
from audioguide.session.session import Session
from audioguide.speech.voices import find_profile
from audioguide.system.ffmpeg import find_ffmpeg, measure_loudness
from audioguide.timeline.scheduler import Scheduler
from audioguide.units import RATE, to_frames

STEP = 2.0**-23


def decode(path: Path, channels: int = 2) -> np.ndarray:
    command = [find_ffmpeg(), "-v", "error", "-i", path, "-f", "f32le", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, channels)


def true_peak(path: Path) -> float:
    command = [find_ffmpeg(), "-nostats", "-i", path, "-af", "ebur128=peak=true", "-f", "null", "-"]
    log = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(log.rpartition("Peak:")[2].split()[0])


@dataclass(frozen=True)
class Made:
    session: Session
    timeline: Timeline
    folder: Path
    mix: np.ndarray
    voice: np.ndarray
    background: np.ndarray
    chimes: np.ndarray


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    folder = tmp_path_factory.mktemp("taster")
    session = audioguide.load("taster", level="normal")
    timeline = session.export(folder / "taster.wav", stems=True)
    session.export(folder / "taster.mp3")
    session.export(folder / "taster.flac")
    stems = [decode(path) for path in stem_paths(folder / "taster.wav")]
    return Made(session, timeline, folder, decode(folder / "taster.wav"), *stems)


def spoken(made: Made):
    return [cue for cue in made.timeline.cues if cue.kind == "speech"]


def holds(made: Made):
    return [cue for cue in made.timeline.cues if cue.kind == "hold"]


def in_a_hold(made: Made, cue) -> bool:
    return any(hold.start <= cue.start < hold.end for hold in holds(made))


def test_every_file_has_exactly_the_frames_of_the_timeline(made):
    for ending in ("wav", "flac", "mp3"):
        assert len(decode(made.folder / f"taster.{ending}")) == made.timeline.frames


def test_flac_and_wav_are_the_same_sound(made):
    assert np.array_equal(decode(made.folder / "taster.flac"), made.mix)


def test_the_stems_are_the_mix(made):
    assert np.abs(made.voice + made.background + made.chimes - made.mix).max() <= 2 * STEP


def test_digital_silence_outside_speech_and_chimes(made, tmp_path):
    path = tmp_path / "dry.wav"
    timeline = audioguide.load("taster", background="none").export(path)
    outside = np.ones(timeline.frames, bool)
    for cue in timeline.cues:
        if cue.kind in ("speech", "chime"):
            outside[cue.start : cue.end] = False
    assert outside.sum() > 60 * RATE
    assert not decode(path)[outside].any()


@pytest.mark.parametrize("ending", ["mp3", "opus", "m4a"])
def test_a_lossy_file_keeps_earphones_awake_unless_silence_is_digital(tmp_path, ending):
    """In every tenth of a second of a rest; a lossless file is silent there."""
    steps = [{"say": "Rest."}, {"rest": "4s"}, {"say": "Go on."}]
    for silence, level in ((None, -75), ("digital", None)):
        session = audioguide.load({"title": "Rest", "steps": steps}, silence=silence, background="none")
        timeline = session.export(tmp_path / f"rest.{ending}")
        rest = next(cue for cue in timeline.cues if cue.kind == "rest")
        first = next(cue.end for cue in timeline.cues if cue.kind == "speech" and cue.start >= rest.start) + RATE // 2
        command = [find_ffmpeg(), "-v", "error", "-i", tmp_path / f"rest.{ending}", "-ar", "44100", "-f", "f32le", "-"]
        sound = np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4").reshape(-1, 2)
        parts = [sound[at : at + RATE // 10].astype(float) for at in range(first, rest.end - RATE // 5, RATE // 10)]
        levels = [10 * np.log10((part**2).mean() + 1e-20) for part in parts]
        assert len(levels) >= 10
        assert min(levels) > -78 if level else max(levels) < -95
        assert max(levels) < -72
        if ending == "mp3":
            assert len(sound) == timeline.frames


def test_speech_begins_where_the_timeline_says(made):
    """10 ms before the first sample above −66 dBFS, give or take 1 ms; in a decoded MP3, 2 ms."""
    mp3 = decode(made.folder / "taster.mp3")
    for cue in spoken(made):
        before = to_frames(0.02)
        loud = np.abs(made.voice[cue.start - before : cue.end, 0]) > 10 ** (-66 / 20)
        assert abs(int(loud.argmax()) - before - to_frames(0.01)) <= to_frames(0.001)
        clip = made.mix[cue.start : cue.start + min(cue.frames, RATE), 0]
        around = mp3[cue.start - 200 : cue.start + len(clip) + 200, 0]
        assert abs(int(np.correlate(around, clip).argmax()) - 200) <= to_frames(0.002)


def test_narration_is_at_its_loudness_and_breath_words_are_near(made):
    narration = made.voice.copy()
    for hold in holds(made):
        narration[hold.start : hold.end] = 0
    assert measure_loudness(narration) == pytest.approx(-16, abs=0.5)
    breaths = np.concatenate([made.voice[cue.start : cue.end] for cue in spoken(made) if cue.role == "breath"])
    assert -19 <= measure_loudness(breaths) <= -15.5


def voice_outside_holds(session: Session, folder: Path) -> np.ndarray:
    timeline = session.export(folder / "few.wav", stems=True)
    voice = decode(stem_paths(folder / "few.wav")[0])
    for cue in timeline.cues:
        if cue.kind == "hold":
            voice[cue.start : cue.end] = 0
    return voice


@pytest.mark.parametrize("voice", ["heart", "quick", "slow"])
@pytest.mark.parametrize("words", [["Number 0."], ["Bridge.", "Cat and cow."], ["Rest."], ["Lie on your back."]])
def test_few_words_are_as_loud_as_many_at_any_pace(tmp_path, home, voice, words):
    """A voice's gain is right for its sentences; a name of its own was up to 1.5 LU louder."""
    (home / "voices").mkdir(parents=True)
    shipped = find_profile("heart")
    for name, rate in (("quick", 1.15), ("slow", 0.6)):
        pace, gain = f"{{narration: {rate}, breath: 0.8, count: 0.9}}", "{narration: 6.75, breath: 5.5, count: 6.5}"
        text = f"engine: hibari\nmodel: {shipped.model}\nlanguage: en\nrate: {pace}\ngain: {gain}\n"
        (home / f"voices/{name}.yaml").write_text(text)
    session = audioguide.load({"title": "Few", "steps": [{"say": text} for text in words]}, voice=voice)
    assert measure_loudness(voice_outside_holds(session, tmp_path)) == pytest.approx(-16, abs=0.5)


def test_the_release_is_heard_without_its_chime(made):
    """When the words begin, the chime has died away: 14 LU and more under them, in any 100 ms."""
    releases = [cue for cue in spoken(made) if cue.role == "release"]
    assert len(releases) >= 3
    for cue in releases:
        tail = made.chimes[cue.start : cue.start + RATE // 10]
        assert np.sqrt((tail.astype(float) ** 2).mean()) < 10 ** ((-19 - 14) / 20)


@pytest.mark.slow
def test_mono_is_the_same_narration_in_one_channel(made, tmp_path):
    path = tmp_path / "mono.wav"
    made.session.export(path, mono=True, stems=True)
    voice = decode(stem_paths(path)[0], channels=1)
    assert np.array_equal(voice[:, 0], made.voice[:, 0])


def test_the_background_keeps_under_the_voice(made):
    """12–14 LU under it where nobody speaks, 20 and more while someone does."""
    alone, under = [], []
    for hold in holds(made):
        free = np.zeros(made.timeline.frames, bool)
        free[hold.start + 2 * RATE : hold.end - 2 * RATE] = True
        for cue in spoken(made):
            free[max(0, cue.start - 3 * RATE // 2) : cue.end + 3 * RATE // 2] = False
            if hold.start + 3 * RATE // 2 <= cue.start < hold.end and cue.frames >= 0.4 * RATE:
                under.append(measure_loudness(made.background[cue.start : cue.end]))
        edges = np.flatnonzero(np.diff(free.astype(int), prepend=0, append=0))
        stretches = zip(edges[::2], edges[1::2], strict=True)
        alone += [measure_loudness(made.background[a:b]) for a, b in stretches if b - a >= RATE]
    assert len(alone) >= 3
    assert len(under) >= 5
    assert all(12 <= -16 - level <= 14 for level in alone), alone
    assert all(-16 - level >= 20 for level in under), under


def test_true_peak_and_clipping(made):
    for ending in ("mp3", "wav"):
        assert true_peak(made.folder / f"taster.{ending}") <= -1
    assert np.abs(decode(made.folder / "taster.mp3")).max() < 1


def test_nothing_starts_or_stops_at_once(made):
    """A ramp of 5 ms and more: the first and last samples of each cue are next to nothing."""
    for cue in spoken(made):
        for end in (made.voice[cue.start : cue.start + 20], made.voice[cue.end - 20 : cue.end]):
            assert np.abs(end).max() < 0.001


def test_segment_is_the_mix_in_16_bit(made):
    segment = made.session.segment()
    assert (segment.frame_rate, segment.channels, segment.sample_width) == (RATE, 2, 2)
    samples = np.array(segment.get_array_of_samples()).reshape(-1, 2)
    assert np.abs(samples / 32767 - made.mix).max() <= 1 / 32767


@pytest.mark.real("ffprobe")
def test_a_player_that_reads_chapters_shows_the_poses(made):
    import json

    command = ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_format", made.folder / "taster.mp3"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    titles = [chapter["tags"]["title"] for chapter in found["chapters"]]
    assert titles == [chapter.title for chapter in made.timeline.chapters]
    for chapter, shown in zip(made.timeline.chapters, found["chapters"], strict=True):
        assert float(shown["start_time"]) == pytest.approx(chapter.start / RATE, abs=0.001)
    assert found["format"]["tags"]["title"] == "Taster"
    assert "Child's pose" in found["format"]["tags"]["lyrics-eng"]


@pytest.mark.real("mpg123")
def test_another_decoder_agrees_on_the_length(made):
    raw = subprocess.run(["mpg123", "-q", "-s", made.folder / "taster.mp3"], capture_output=True, check=True).stdout
    assert len(raw) == made.timeline.frames * 4


@pytest.mark.real("mp3val")
def test_the_mp3_is_well_formed(made):
    log = subprocess.run(["mp3val", made.folder / "taster.mp3"], capture_output=True, text=True, check=True).stdout
    assert "WARNING" not in log


def test_the_same_session_is_the_same_file(made, tmp_path):
    for ending in ("mp3", "wav"):
        made.session.export(tmp_path / f"again.{ending}")
        assert (tmp_path / f"again.{ending}").read_bytes() == (made.folder / f"taster.{ending}").read_bytes()


def test_what_is_played_is_what_is_exported(made):
    """The live session's blocks, asked for as a device would, are the WAV's to the rounding of 24 bits."""
    import time

    with made.session.stream() as live:
        while live.frames is None and live.failed is None:
            time.sleep(0.01)
        assert live.failed is None
        assert live.frames == made.timeline.frames
        for start in range(0, live.frames - 441, 50_021):
            assert np.abs(live.version.stems(start, 441).mix - made.mix[start : start + 441]).max() <= STEP


def test_clips_that_are_damaged_or_lie_under_anothers_name_are_made_again(write, tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
    session = audioguide.load(write("title: t\nsteps:\n- say: One.\n- say: Two, and more.\n- say: Three. Four.\n"))

    def export(damage=None, when="before"):
        clips = sorted((tmp_path / "cache").rglob("*.clip"))
        if damage and when == "before":
            damage(clips)
        damages = iter([damage] if when == "while" else [])

        def written(done, known):
            for damage in damages:
                damage(clips)

        session.export(tmp_path / "x.wav", written=written)
        return (tmp_path / "x.wav").read_bytes()

    def damage(clips):
        contents = [clip.read_bytes() for clip in clips]
        clips[0].write_bytes(contents[1])
        clips[1].write_bytes(contents[0])
        for clip in clips[2:]:
            clip.write_bytes(clip.read_bytes()[:-1] + b"\x55")

    first = export()
    assert export(damage) == export(damage, "while") == first


def test_the_guess_is_near(made):
    with made.session.speaker() as speaker:
        guessed = sum(speaker.estimate(cue.utterance) for cue in spoken(made))
    assert guessed == pytest.approx(sum(cue.frames for cue in spoken(made)), rel=0.1)


def test_options_in_python():
    timeline = audioguide.load("taster", hold="20s", holds={"childs-pose": "33"}, skip=["cat-cow"]).compile()
    assert [cue.asked for cue in timeline.cues if cue.kind == "hold"] == [10, 33]
    by_number = audioguide.load("taster", holds={4: 33})
    assert [cue.asked for cue in by_number.outline.timeline.cues if cue.kind == "hold"][-1] == 33


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"hold": "soon"}, "hold: 'soon' is not a length of time. Write 45s, 1m30s, 1:30 or 2 min."),
        ({"hold": True}, "hold: A single value belongs here, not true. Write 45s, 1m30s, 1:30 or 2 min."),
        ({"holds": {"x": None}}, "holds.x: A single value belongs here, not nothing. Write 45s, 1m30s, 1:30 or 2 min."),
        (
            {"holds": [("x", 3)]},
            "holds: Values by pose belong here, not [('x', 3)]. Write them as {'childs-pose': …}.",
        ),
        ({"scale": "1.25"}, "scale: A scale is a number from 0.1 to 10. Write it as 1.25."),
        ({"scale": float("nan")}, "scale: A scale is a number from 0.1 to 10. Write it as 1.25."),
        (
            {"length": {}},
            "length: A single value belongs here, not a list or a mapping. Write 45s, 1m30s, 1:30 or 2 min.",
        ),
        ({"breath": 4}, "breath: 4 is not a breath pattern. Write 4-6, 4-7-8 or 4-4-4-4."),
        ({"level": "loud"}, "level: 'level' cannot be 'loud'. Write 'brief', 'normal' or 'full'."),
        ({"voice": "\0"}, "voice: A name needs a letter or a digit. Write at least one letter."),
        ({"background": "a\0"}, "background: There is a control character in this text. Type it again by hand."),
        ({"chime": ["bell"]}, "chime: 'chime' cannot be a list. Write 'bell', 'bowl', 'wood' or 'none'."),
        ({"skip": "pigeon"}, "skip: A list of poses belongs here, not 'pigeon'. Write it as ['pigeon']."),
        ({"beyond_limits": 1}, "beyond-limits: This is either on or off. Write true or false."),
        ({"hold": -1, "level": "x"}, "hold: -1 is not a length of time: it has to be more than 0 seconds. Write "),
        ({"source": None}, "None is no routine. Give an id, a path, or a mapping"),
        (
            {"source": "a\0b.yaml"},
            "'a\\x00b.yaml' is no routine. Give an id, a path, or a mapping with `title` and `steps`.",
        ),
    ],
)
def test_every_argument_in_python_is_checked_at_once(arguments, sentence):
    with pytest.raises(RequestError) as caught:
        audioguide.load(**{"source": "taster"} | arguments)
    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value).splitlines()) == len(arguments)


def test_a_known_session_is_compiled_once_and_a_new_one_twice(tmp_path, monkeypatch):
    """Once with estimated lengths of clips, to know what is to be spoken, and once with their true ones."""
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
    compiled = []
    monkeypatch.setattr(
        "audioguide.timeline.compiler.Scheduler", lambda *args: compiled.append(args) or Scheduler(*args)
    )
    routine = {"title": "Short", "steps": [{"say": "Hello."}, {"pose": "bridge", "hold": "20s"}, {"say": "Bye."}]}
    sections = len(audioguide.load(routine).export(tmp_path / "a.wav").sections)
    assert len(compiled) == 2 * sections
    compiled.clear()
    session = audioguide.load(routine)
    session.export(tmp_path / "b.wav")
    session.compile()
    assert len(compiled) == sections
    compiled.clear()
    session = audioguide.load(routine, length=session.compile().frames // RATE + 10)
    session.export(tmp_path / "c.wav")
    assert len(compiled) == 3 * sections  # of which the search for the holds has two


@pytest.mark.parametrize("length", [None, "2:20"])
def test_a_session_that_is_let_go_of_is_gone_at_once(length):
    session = audioguide.load("taster", length=length)
    assert session.outline.utterances
    gone = [weakref.ref(session), weakref.ref(session.outline.fitted or session)]
    del session
    assert [ref() for ref in gone] == [None, None]
