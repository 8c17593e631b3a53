"""Finds the frames of an MP3: how long each is, and where it ends."""

from collections.abc import Iterator

_BITRATES = {  # kbit/s of Layer III by the header's index: ISO/IEC 11172-3, table of 2.4.2.3, and 13818-3, 2.4.2.3
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
# Hz by the header's version (MPEG-1, 2, 2.5) and index.
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def build_header(bitrate: int, channels: int) -> bytes:
    """The first four bytes of a frame of MPEG-1 Layer III at 44.1 kHz, (joint) stereo or mono; `bitrate` in kbit/s."""
    return bytes((0xFF, 0xFB, _BITRATES[True].index(bitrate) << 4, {1: 0xC0, 2: 0x40}[channels]))


def frame_length(header: bytes) -> int:
    """Bytes of the Layer III frame that begins with these four; 0 when none does."""
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if header[0] != 0xFF or header[1] < 0xE0 or version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return 0
    first = version == 3
    return (144_000 if first else 72_000) * _BITRATES[first][bitrate] // _RATES[version][rate] + padding


def frame_ends(content: bytes, first: int = 0, end: int | None = None) -> Iterator[int]:
    """The byte after each frame between two bytes, until no frame begins; one that is cut off ends behind `end`."""
    end = len(content) if end is None else end
    while first + 4 <= end and (length := frame_length(content[first : first + 4])):
        first += length
        yield first


def tag_length(head: bytes) -> int:
    """Bytes of the ID3v2 tag at the start of a file with these first ten bytes; 0 where there is none."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(head[6:10])))


def is_whole(content: bytes) -> bool:
    """Whether, tags apart, frames follow each other to the end of the content: ffmpeg does not report a cut."""
    first, end = tag_length(content[:10]), len(content)
    if content[-128:-125] == b"TAG":
        end -= 128
    return max(frame_ends(content, first, end), default=0) == end
