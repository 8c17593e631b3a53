"""Finding what a file carries, in all formats, and in files that mean no good."""

import struct
import zlib

import numpy as np
import pytest
from carrying import carry
from encoding import encoding
from mutagen.id3 import ID3
from mutagen.mp4 import MP4

from audioguide.errors import RequestError
from audioguide.export.formats import find_payload, format_of
from audioguide.export.tags import Tags, vorbis
from audioguide.export.writer import write_tags

LARGEST_PAYLOAD = 4_000_000

TOO_MUCH = b'{"a":"' + b" " * LARGEST_PAYLOAD + b'"}'
PAYLOAD = b'{"format": "\\u00e9", "bytes": "~}"}'


@pytest.mark.parametrize("ending", [".mp3", ".m4a", ".m4b", ".opus", ".flac"])
def test_finds_in_every_format_what_was_written(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    with encoding(path, format_of(path)) as encoder:
        encoder.write(np.zeros((44_100, 2), np.float32))
    write_tags(path, format_of(path), Tags(title="Title", frames=44_100, payload=PAYLOAD))
    assert find_payload(path) == PAYLOAD


@pytest.mark.parametrize("version", [3, 4])
def test_finds_it_in_a_tag_that_another_program_has_written_anew(tmp_path, version):
    path = carry(PAYLOAD, tmp_path / "a.mp3")
    ID3(path).save(path, v2_version=version)
    assert find_payload(path) == PAYLOAD


def object_frame(data, flags=0, size=None):
    content = b"\0\0\0audioguide session\0" + data
    if flags:
        content = struct.pack(">I", len(content)) + zlib.compress(content)
    return b"GEOB" + struct.pack(">IH", len(content) if size is None else size, flags) + content


def tag(frames, size=None):
    size = len(frames) if size is None else size
    return b"ID3\3\0\0" + bytes(size >> 7 * place & 0x7F for place in (3, 2, 1, 0)) + frames


def test_unpacks_nothing(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_bytes(tag(object_frame(PAYLOAD)))
    assert find_payload(path) == PAYLOAD
    path.write_bytes(tag(object_frame(PAYLOAD, flags=0x0080)))
    with pytest.raises(RequestError, match="not made by audioguide"):
        find_payload(path)


TINY_FRAMES = (b"TXXX" + struct.pack(">IH", 1, 0) + b"\0") * 1_400_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (tag(b"", size=1000), "is damaged"),
        (tag(b"", size=2**28 - 1), "is damaged"),
        (tag(object_frame(b"{", size=2**31)), "is damaged"),
        (tag(object_frame(b'{"a":' * 500_000)), "is damaged"),
        (tag(object_frame(b"\xff\xfe")), "is damaged"),
        (tag(object_frame(TOO_MUCH)), "far more than a routine"),
        (tag(TINY_FRAMES), "not made by audioguide"),
        (tag(object_frame(b"\0" * 15_000_000, flags=0x0080) * 500), "not made by audioguide"),
    ],
    ids=["cut", "large", "frame", "deep", "binary", "much", "many", "packed"],
)
def test_a_hostile_tag_is_one_sentence(tmp_path, content, said):
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=said):
        find_payload(path)


@pytest.mark.parametrize("ending", [".mp3", ".m4a", ".m4b", ".opus", ".flac"])
@pytest.mark.parametrize("content", [b"", b"ID3", b"fLaC", b"OggS" + bytes(100), b"\0\0\0\x08moov" * 5000])
def test_what_is_no_such_file_is_one_sentence(tmp_path, ending, content):
    path = tmp_path / f"a{ending}"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=r"damaged|not made by audioguide"):
        find_payload(path)


def test_says_what_there_is_not(tmp_path):
    with pytest.raises(RequestError, match=r"There is no file .*a\.mp3"):
        find_payload(tmp_path / "a.mp3")
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(RequestError, match=r"A \.wav file carries no routine"):
        find_payload(tmp_path / "a.wav")
    (tmp_path / "folder.mp3").mkdir()
    with pytest.raises(RequestError, match=r"folder\.mp3 is a folder"):
        find_payload(tmp_path / "folder.mp3")


def test_too_much_is_not_even_decoded(tmp_path, monkeypatch):
    path = tmp_path / "a.flac"
    with encoding(path, format_of(path)) as encoder:
        encoder.write(np.zeros((44_100, 2), np.float32))
    write_tags(path, format_of(path), Tags(title="Title", frames=44_100, payload=TOO_MUCH))
    monkeypatch.setattr(vorbis, "b64decode", None)
    with pytest.raises(RequestError, match="far more than a routine"):
        find_payload(path)
    path = tmp_path / "a.m4a"
    with encoding(path, format_of(path)) as encoder:
        encoder.write(np.zeros((44_100, 2), np.float32))
    write_tags(path, format_of(path), Tags(title="Title", frames=44_100, payload=TOO_MUCH))
    assert len(MP4(path).tags["----:audioguide:session"][0]) == len(TOO_MUCH)
    with pytest.raises(RequestError, match="far more than a routine"):
        find_payload(path)
