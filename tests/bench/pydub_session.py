"""A session made as scripts that use pydub make it: python pydub_session.py PARTS.json OUTPUT.mp3 FFMPEG.

Silence as long as the session, every clip laid over it, the whole exported. A program of its own, without audioguide.
"""

import json
import sys

from pydub import AudioSegment


def main(plan: str, output: str, ffmpeg: str) -> None:
    AudioSegment.converter = ffmpeg
    with open(plan, encoding="utf-8") as file:  # noqa: PTH123
        session = json.load(file)
    loaded = {name: AudioSegment.from_wav(name) for name, _, _ in session["parts"]}
    sound = AudioSegment.silent(session["frames"] * 1000 / 44100, frame_rate=44100).set_channels(2)
    for name, start, _ in session["parts"]:
        sound = sound.overlay(loaded[name], position=start * 1000 / 44100)
    sound.export(output, format="mp3", bitrate="128k")


if __name__ == "__main__":
    main(*sys.argv[1:])
