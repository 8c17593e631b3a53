"""Uploaded routines: they are checked like any other, kept apart from the disk, and can be made."""

import io
import json
import os
import wave

import numpy as np
import pytest
from carrying import carry, data_of
from encoding import encoding
from PIL import Image

from audioguide.export.formats import format_of
from audioguide.export.tags import Tags
from audioguide.export.writer import write_tags
from audioguide.model.options import Options
from audioguide.session.open import open_session


def test_an_uploaded_routine_is_a_session_and_no_file(server, tmp_path):
    text = b"title: Uploaded\nsteps:\n  - say: Hello.\n  - pose: childs-pose\n    hold: 15s\n  - include: taster\n"
    reply = server.ask("POST", "api/routines", text, content_type="text/yaml")
    assert reply.status == 201
    id = reply.data["id"]
    assert id in {row["id"] for row in server.get("api/sessions").data["sessions"]}
    form = server.get(f"api/sessions/{id}").data
    assert (form["title"], form["id"]) == ("Uploaded", id)
    assert {"childs-pose", "cat-cow"} <= {hold["select"] for hold in form["holds"]}
    reply = server.ask(
        "POST", "api/routines", b"# Plain\n\nStand tall. Hold for 20 seconds.\n", content_type="text/markdown"
    )
    assert reply.status == 201
    assert not [path for path in server.home.rglob("*") if b"Uploaded" in path.name.encode()]


def test_problems_of_an_uploaded_routine_have_their_line(server):
    text = b"title: Uploaded\nsteps:\n  - say: Hello.\n  - pose: childs-posse\n  - sya: Oh\n"
    reply = server.ask("POST", "api/routines", text, content_type="text/yaml")
    assert reply.status == 422
    problems = reply.data["problems"]
    assert [problem["line"] for problem in problems] == [4, 5]
    assert problems[0]["hint"] == "Did you mean childs-pose?"
    for body, kind in (
        (b"\xff\xfe\x00", "text/yaml"),
        (b"", "text/yaml"),
        (b"[" * 5000, "text/yaml"),
        (b"x", "audio/mpeg"),
        (b"ID3\x03\0\0\x7f\x7f\x7f\x7f", "audio/mpeg"),
    ):
        reply = server.ask("POST", "api/routines", body, content_type=kind)
        assert reply.status == 422, (body[:9], reply.status)
        assert reply.data["problems"][0]["message"]
        assert b"/" not in reply.body  # where it lay for a moment is nobody's business


def test_a_problem_of_a_background_has_no_line_of_the_routine(server):
    text = b"title: Uploaded\ndefaults: {background: music}\nsteps:\n  - pose: childs-pose\n"
    (problem,) = server.ask("POST", "api/routines", text, content_type="text/yaml").data["problems"]
    assert problem["message"].startswith("There is no music in ")
    assert (problem["line"], problem["column"]) == (None, None)


def test_problems_of_an_uploaded_mp3_have_their_step(server, tmp_path):
    data = {**data_of("taster"), "voices": {}}
    data["routine"]["steps"].insert(0, {"include": "../../etc/passwd"})
    head = carry(json.dumps(data).encode(), tmp_path / "a.mp3").read_bytes()
    (problem, *_) = server.ask("POST", "api/routines", head, content_type="audio/mpeg").data["problems"]
    assert problem["line"] is None
    assert problem["message"].startswith("Step 1: ")


def test_no_path_in_an_uploaded_routine_is_followed(server, tmp_path):
    outside = tmp_path / "outside.yaml"
    outside.write_text("title: Outside\nsteps: [{say: A secret.}]\n")
    for name in (str(outside), f"../../{outside.name}", "outside.yaml", "./scripts/taster.yaml", "/etc/passwd"):
        text = json.dumps({"title": "Uploaded", "steps": [{"include": name}, {"say": "Oh."}]})
        reply = server.ask("POST", "api/routines", text.encode(), content_type="text/yaml")
        assert reply.status == 422, name
        assert b"secret" not in reply.body
        assert reply.data["problems"][0]["message"].startswith("There is no routine")


def test_no_music_and_no_picture_of_this_machine_is_taken_for_an_upload(server, tmp_path):
    with wave.open(str(tmp_path / "secret.wav"), "wb") as sound:
        sound.setparams((1, 2, 44_100, 0, "NONE", ""))
        sound.writeframes(bytes(range(200)) * 4410)
    Image.new("RGB", (64, 64), "red").save(tmp_path / "secret.png")
    (server.home / "music").mkdir()
    below = os.path.relpath(tmp_path / "secret.wav", server.home / "music")
    for name in (str(tmp_path / "secret.wav"), below):
        for step in ({"pose": "childs-pose", "background": name}, {"rest": "5s", "background": {"name": name}}):
            text = json.dumps({"title": "Uploaded", "steps": [step]})
            reply = server.ask("POST", "api/routines", text.encode(), content_type="text/yaml")
            assert (reply.status, "secret.wav" in reply.data["error"]) == (422, True), reply.body
    for options in ({"background": below}, {"cover": str(tmp_path / "secret.png")}):
        data = {**data_of("taster"), "voices": {}}
        data["options"] |= options
        head = carry(json.dumps(data).encode(), tmp_path / "a.mp3").read_bytes()
        id = server.ask("POST", "api/routines", head, content_type="audio/mpeg").data["id"]
        said = (
            ["The background secret.wav is not on this machine: warm-drone sounds."] if "background" in options else []
        )
        assert server.get(f"api/sessions/{id}").data["notes"] == said
        job = server.made(id)["job"]
        with Image.open(io.BytesIO(server.get(f"api/jobs/{job}/cover.jpg").body)) as cover:
            assert cover.getpixel((500, 500))[0] < 200  # not red
    (server.home / "music").rmdir()


def test_a_file_that_was_made_can_be_uploaded(server, tmp_path):
    job = server.made("short-one", holds={"Stand tall": "13s"})["job"]
    head = server.get(f"api/jobs/{job}/file").body[:400_000]
    reply = server.ask("POST", "api/routines", head, content_type="audio/mpeg")
    assert reply.status == 201, reply.body
    assert server.get(f"api/sessions/{reply.data['id']}").data["holds"][0]["seconds"] == 13


@pytest.mark.parametrize(
    ("ending", "kind"),
    [(".mp3", "mpeg"), (".m4a", "mp4"), (".m4b", "x-m4b"), (".opus", "ogg"), (".flac", "flac")],
)
def test_every_exported_file_can_be_uploaded(server, tmp_path, ending, kind):
    path, payload = tmp_path / f"a{ending}", open_session("taster", Options(scale=1.25)).pack().payload
    with encoding(path, format_of(path)) as encoder:
        encoder.write(np.zeros((44_100, 2), np.float32))
    write_tags(path, format_of(path), Tags(title="Title", frames=44_100, payload=payload))
    reply = server.ask("POST", "api/routines", path.read_bytes(), content_type=f"audio/{kind}")
    assert reply.status == 201, reply.body
    shown = server.get(f"api/sessions/{reply.data['id']}").data
    assert (shown["title"], {row["key"]: row["value"] for row in shown["options"]}["scale"]) == ("Taster", 1.25)


def test_a_length_that_cannot_be_is_told_at_once(server):
    text = b"title: T\ndefaults: {length: '50:00'}\nsteps:\n  - pose: {name: Stand, hold: 12s, limits: 10s..40s}\n"
    reply = server.ask("POST", "api/routines", text, content_type="text/yaml")
    assert reply.status == 422
    assert reply.data["error"].startswith("This session cannot take 50:00: with these options it takes 0:")
    (problem,) = reply.data["problems"]
    assert problem["hint"] == "Write another `length` into it, or none."
    reply = server.ask("POST", "api/routines", b"RIFF....WAVE", content_type="audio/wav")
    assert (reply.status, reply.data["error"]) == (422, "A .wav file carries no routine.")


def test_the_oldest_uploads_are_dropped(bare):
    ids = []
    for number in range(22):
        text = f"title: Number {number}\nsteps: [{{say: Hello.}}]\n".encode()
        ids.append(bare.ask("POST", "api/routines", text, content_type="text/yaml").data["id"])
    assert bare.get(f"api/sessions/{ids[0]}").status == 404
    assert bare.get(f"api/sessions/{ids[-1]}").status == 200
    assert len([row for row in bare.get("api/sessions").data["sessions"] if row["id"].startswith("upload-")]) == 20
