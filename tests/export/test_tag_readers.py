"""Every container's tags as other programs read them."""

import json
import struct
import subprocess
from base64 import b64decode
from dataclasses import replace
from hashlib import md5
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tagged
from encoding import encoding
from mutagen.mp4._atom import Atoms
from tagged import CHAPTERS, PICTURES

from audioguide.export.encoder import find_ffmpeg
from audioguide.export.formats import FORMATS, format_of
from audioguide.export.tags import Tags
from audioguide.export.writer import write_tags
from audioguide.model.timeline import Chapter, Cue

MAX_CHAPTERS = 255

TAGS = replace(
    tagged.TAGS,
    language="spa",
    captions=(
        Cue("speech", 22_050, 17_950, role="say", text="Walk around."),
        Cue("speech", 66_150, 13_850, role="count", text="Tschüß"),
    ),
    payload=b'{"format": "any", "text": "\xc3\xa9\x00"}',
    pictures=PICTURES,
)
SOUND = [ending for ending in FORMATS if ending != ".html"]  # tests/export/test_one_file.py has the page
TAGGED = [ending for ending in SOUND if ending != ".wav"]
HOSTILE = [
    "a=b;c#d\\e",
    "[CHAPTER]\nSTART=5",
    "<b>&amp;</b> --> \"quoted\" 'single'",
    "ж" * 400,
    "🧘" * 100,
    "\u202eright to left\u202c",
    "   ",
    "%s {title} $(reboot) `id`",
]


def export(path: Path, tags: Tags, channels: int = 2) -> Path:
    sound = np.random.default_rng(2).uniform(-0.3, 0.3, (tags.frames, channels)).astype(np.float32)
    with encoding(path, format_of(path), channels) as encoder:
        encoder.write(sound)
    pictures = tags.pictures if format_of(path).tagging and format_of(path).tagging.has_pictures else {}
    write_tags(path, format_of(path), replace(tags, pictures=pictures))
    return path


def run(*command: object) -> str:
    found = subprocess.run([str(word) for word in command], capture_output=True, check=True)
    assert found.stderr == b""
    return found.stdout.decode()


def probe(path: Path) -> dict:
    return json.loads(
        run("ffprobe", "-v", "error", "-show_format", "-show_chapters", "-show_streams", "-of", "json", path)
    )


def titles(path: Path) -> list[str]:
    return [chapter.get("tags", {}).get("title", "") for chapter in probe(path)["chapters"]]


@pytest.mark.real("ffprobe")
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("ending", TAGGED)
def test_ffprobe_reads_all_there_is(tmp_path, ending, channels):
    found = probe(export(tmp_path / f"a{ending}", TAGS, channels))
    sound = next(stream for stream in found["streams"] if stream["codec_type"] == "audio")
    written = {key.lower(): value for part in (sound, found["format"]) for key, value in part.get("tags", {}).items()}
    assert written["title"] == TAGS.title
    assert written["album"] == "Audioguide"
    assert written["artist"] == "Heart"
    assert written["genre"] == "Wellness"
    assert written["comment"] == "A gentle floor sequence."
    assert [written.get(key) for key in ("album_artist", "composer", "track")] == ["Heart", "Ada", "1"]
    assert "Walk around.\n\n0:01 Child’s pose" in next(text for key, text in written.items() if "lyrics" in key)
    assert [chapter["tags"]["title"] for chapter in found["chapters"]] == [chapter.title for chapter in CHAPTERS]
    starts = [float(chapter["start_time"]) for chapter in found["chapters"]]
    np.testing.assert_allclose(starts, [chapter.start / 44_100 for chapter in CHAPTERS], atol=0.0006)
    ends = [float(chapter["end_time"]) for chapter in found["chapters"]]
    np.testing.assert_allclose(ends[:-1], starts[1:], atol=1e-6)  # contiguous
    *more, cover = (stream for stream in found["streams"] if stream["codec_type"] == "video")
    assert (cover["codec_name"], cover["width"], cover["height"]) == ("mjpeg", 1000, 1000)
    assert [stream["disposition"]["timed_thumbnails"] for stream in more] == [1] * (ending == ".m4b")
    assert sound["channels"] == channels


@pytest.mark.real("mediainfo")
@pytest.mark.parametrize("ending", TAGGED)
def test_mediainfo_reads_titles_and_chapters(tmp_path, ending):
    general, *tracks = json.loads(run("mediainfo", "--Output=JSON", export(tmp_path / f"a{ending}", TAGS)))["media"][
        "track"
    ]
    assert general["Title"] == TAGS.title
    assert general["Album"] == "Audioguide"
    assert (general["Performer"], general["Album_Performer"], general["Composer"]) == ("Heart", "Heart", "Ada")
    assert general["Track_Position"] == "1"
    assert general["Genre"] == "Wellness"
    assert general["Cover"] == "Yes"
    menus = [track["extra"] for track in tracks if track["@type"] == "Menu"]
    if ending in (".m4a", ".m4b"):  # of the others this version shows no chapters
        assert len(menus) == 2  # a text track and Nero's list
        assert [track["Default"] for track in tracks if track["@type"] == "Video"] == ["No"] * (ending == ".m4b")
    for menu in menus:
        assert [title for key, title in menu.items() if key[0] == "_"] == [chapter.title for chapter in CHAPTERS]


@pytest.mark.real("exiftool")
@pytest.mark.parametrize("ending", [".m4a", ".m4b"])
def test_exiftool_reads_transcript_and_payload_of_an_m4a(tmp_path, ending):
    path = export(tmp_path / f"a{ending}", TAGS)
    assert run("exiftool", "-q", "-q", "-b", "-Lyrics", path) == TAGS.transcript
    assert run("exiftool", "-q", "-q", "-b", "-Session", path).encode() == TAGS.payload
    assert run("exiftool", "-q", "-q", "-a", "-s3", "-MediaLanguageCode", path).splitlines()[0] == "spa"


@pytest.mark.real("exiftool")
def test_exiftool_reads_the_transcript_in_step_of_an_mp3(tmp_path):
    path = export(tmp_path / "a.mp3", TAGS)
    assert run("exiftool", "-q", "-q", "-b", "-Lyrics-spa", path) == TAGS.transcript
    (found,) = json.loads(run("exiftool", "-j", "-SynchronizedLyricsText-spa", path))
    assert found["SynchronizedLyricsText-spa"] == ["[00:00.50]Walk around.", "[00:01.50]\nTschüß"]


@pytest.mark.real("id3v2")
def test_id3v2_lists_every_frame(tmp_path):
    listed = run("id3v2", "-l", export(tmp_path / "a.mp3", TAGS))
    for frame in ("USLT", "SYLT", "APIC", "GEOB", "TLAN", "COMM"):
        assert frame in listed
    assert f"(audioguide session)[]: application/json, {len(TAGS.payload)} bytes" in listed


@pytest.mark.real("AtomicParsley")
@pytest.mark.parametrize("ending", [".m4a", ".m4b"])
def test_atomicparsley_reads_the_items_and_their_place(tmp_path, ending):
    path = export(tmp_path / f"a{ending}", TAGS)
    items = run("AtomicParsley", path, "-t", "1")
    for item in ('"©nam" contains: Élan, Растяжка', '"©lyr" contains: 0:00', "[audioguide;session]"):
        assert item in items
    tree = run("AtomicParsley", path, "-T")
    assert tree.index("Atom moov") < tree.index("Atom mdat")  # it plays while it comes
    assert f"Major Brand: {ending[1:].upper()}" in items or path.read_bytes()[8:12].decode() == f"{ending[1:].upper()} "


@pytest.mark.parametrize("ending", [".m4a", ".m4b"])
@pytest.mark.parametrize("titles", [[chapter.title for chapter in CHAPTERS], ["stco", "trak", "moov"], ["only one"]])
def test_every_title_of_a_chapter_is_a_chunk_of_its_own(tmp_path, ending, titles):
    """music-metadata (npm) throws where several are in one; each must lie where its chunk begins."""
    chapters = tuple(replace(chapter, title=title) for chapter, title in zip(CHAPTERS, titles, strict=False))
    path = export(tmp_path / f"a{ending}", replace(TAGS, chapters=chapters))
    data = path.read_bytes()
    with path.open("rb") as file:
        tracks = Atoms(file)[b"moov"].findall(b"trak")
        (track,) = [one for one in tracks if data[one[b"mdia", b"hdlr"].offset :][16:20] == b"text"]
        table = track[b"mdia", b"minf", b"stbl"]
        chunks, each = (data[table[kind,].offset :][: table[kind,].length] for kind in (b"stco", b"stsc"))
    assert struct.unpack(">4I", each[12:]) == (1, 1, 1, 1)
    offsets = struct.unpack(f">{len(chapters)}I", chunks[16:])
    texts = [data[at + 2 : at + 2 + int.from_bytes(data[at : at + 2])].decode() for at in offsets]
    assert texts == [chapter.title for chapter in chapters]


@pytest.mark.real("ffprobe")
def test_ffmpeg_finds_the_pictures_of_the_chapters_of_a_book(tmp_path):
    """Also for the first one, which has none of its own and shows the cover."""
    path = export(tmp_path / "a.m4b", TAGS)
    packets = json.loads(
        run(
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            "v:0",
            "-show_packets",
            "-show_data_hash",
            "md5",
            "-of",
            "json",
            path,
        )
    )["packets"][1:]  # before it the first one is shown as a picture of the whole
    hashes = [f"MD5:{md5(picture).hexdigest()}" for picture in (*PICTURES.values(), PICTURES[77 * 1152])]
    assert [packet["data_hash"] for packet in packets[1:]] == hashes
    starts = [chapter.start / 44_100 for chapter in CHAPTERS]
    np.testing.assert_allclose([float(packet["pts_time"]) for packet in packets[:-1]], starts, atol=0.0001)
    assert export(tmp_path / "b.m4b", TAGS).read_bytes() == path.read_bytes()


@pytest.mark.real("mp3val", "mpg123", "exiftool")
def test_programs_take_an_mp3_whose_chapters_have_pictures(tmp_path):
    from mutagen.id3 import ID3

    path = export(tmp_path / "a.mp3", TAGS)
    assert "WARNING" not in run("mp3val", path)
    assert "ERROR" not in run("mp3val", path)
    run("mpg123", "-q", "-t", path)
    assert run("exiftool", "-q", "-q", "-s3", "-PictureMIMEType", path) == "image/jpeg\n"
    chapters = [frame.sub_frames for frame in ID3(path).getall("CHAP")]
    pictures = [[(one.type, one.mime, one.data) for one in frames.getall("APIC")] for frames in chapters]
    assert pictures == [[], *([(0, "image/jpeg", picture)] for picture in PICTURES.values())]


@pytest.mark.real("metaflac")
def test_metaflac_reads_the_comments(tmp_path):
    path = export(tmp_path / "a.flac", TAGS)
    run("metaflac", "--list", path)
    assert b64decode(run("metaflac", "--show-tag=AUDIOGUIDE_SESSION", path).partition("=")[2]) == TAGS.payload
    assert run("metaflac", "--show-tag=LANGUAGE", path) == "LANGUAGE=spa\n"


@pytest.mark.real("opusinfo")
def test_opusinfo_finds_nothing_wrong(tmp_path):
    found = run("opusinfo", export(tmp_path / "a.opus", TAGS))
    assert "WARNING" not in found
    assert "TITLE=Élan, Растяжка" in found
    assert "CHAPTER002NAME=Child’s pose – Κόσμος 🧘" in found
    (payload,) = (line.partition("=")[2] for line in found.splitlines() if "AUDIOGUIDE_SESSION=" in line)
    assert b64decode(payload) == TAGS.payload


def test_the_payload_comes_back_to_the_byte(tmp_path):
    from mutagen.flac import FLAC
    from mutagen.id3 import ID3
    from mutagen.mp4 import MP4
    from mutagen.oggopus import OggOpus

    payload = bytes(range(256)) * 400
    tags = Tags("Large", 44_100, payload=payload)
    files = {ending: export(tmp_path / f"a{ending}", tags) for ending in SOUND}
    (frame,) = ID3(files[".mp3"]).getall("GEOB")
    assert (frame.mime, frame.desc, frame.data) == ("application/json", "audioguide session", payload)
    for ending in (".m4a", ".m4b"):
        assert [bytes(item) for item in MP4(files[ending])["----:audioguide:session"]] == [payload]
    assert b64decode(FLAC(files[".flac"])["AUDIOGUIDE_SESSION"][0]) == payload
    assert b64decode(OggOpus(files[".opus"])["AUDIOGUIDE_SESSION"][0]) == payload
    assert payload[:1000] not in files[".wav"].read_bytes()


@pytest.mark.parametrize("ending", TAGGED)
def test_without_a_payload_nothing_is_carried(tmp_path, ending):
    content = export(tmp_path / f"a{ending}", Tags("Bare", 44_100)).read_bytes()
    assert b"GEOB" not in content
    assert b"----" not in content
    assert b"AUDIOGUIDE_SESSION" not in content


def test_the_transcript_in_step_has_every_utterance(tmp_path):
    from mutagen.id3 import ID3

    (frame,) = ID3(export(tmp_path / "a.mp3", TAGS)).getall("SYLT")
    assert (frame.lang, frame.format, frame.type) == ("spa", 2, 1)
    assert frame.text == [("Walk around.", 500), ("\nTschüß", 1500)]


@pytest.mark.real("ffprobe")
@pytest.mark.parametrize("ending", TAGGED)
def test_hostile_titles_stay_titles(tmp_path, ending):
    chapters = tuple(Chapter(title, number * 2304, (number + 1) * 2304) for number, title in enumerate(HOSTILE))
    found = titles(export(tmp_path / f"a{ending}", Tags(HOSTILE[0], len(HOSTILE) * 2304, chapters)))
    assert len(found) == len(HOSTILE)
    for title, read in zip(HOSTILE, found, strict=True):
        assert title.replace("\n", " ").startswith(read.replace("\n", " "))
        assert len(read.encode()) >= min(250, len(title.strip().encode()))
    assert probe(tmp_path / f"a{ending}")["streams"][0]["codec_type"] == "audio"


@pytest.mark.real("ffprobe")
@pytest.mark.parametrize("ending", TAGGED)
def test_300_chapters_are_joined_to_as_many_as_fit(tmp_path, ending):
    chapters = tuple(Chapter(f"{number}", number * 1152, (number + 1) * 1152) for number in range(300))
    found = probe(export(tmp_path / f"a{ending}", Tags("Long", 300 * 1152, chapters)))["chapters"]
    assert len(found) == MAX_CHAPTERS
    assert float(found[0]["start_time"]) == 0
    assert all(abs(float(one["end_time"]) - float(other["start_time"])) < 0.002 for one, other in pairwise(found))


@pytest.mark.parametrize("ending", SOUND)
def test_the_shortest_session_keeps_its_length(tmp_path, ending):
    path = export(tmp_path / f"a{ending}", Tags("Short", 44_100, (Chapter("Introduction", 0, 44_100),), payload=b"{}"))
    raw = subprocess.run(
        [find_ffmpeg(), "-v", "error", "-i", path, "-map", "0:a", "-f", "f32le", "-"], capture_output=True, check=True
    ).stdout
    assert len(raw) == (48_000 if ending == ".opus" else 44_100) * 8
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", TAGGED)
def test_the_same_tags_give_the_same_file(tmp_path, ending):
    first, second = (export(tmp_path / f"{name}{ending}", TAGS).read_bytes() for name in "ab")
    assert first == second
