"""`export --to FOLDER` and `--all`: what is written to a phone's folder, and what is left as it is."""

import json
import subprocess
import threading

import pytest
from carrying import carry
from disks import disk
from mutagen.id3 import ID3, TIT2
from mutagen.mp3 import MP3

from audioguide.cli.main import run
from audioguide.export import formats
from audioguide.session.session import Session

SHORT = "title: {}\ntags: [mine]\nsteps:\n  - say: Hello.\n  - {{pose: {{name: Rest pose, id: rest-pose, hold: 5s}}}}\n"
PLAIN = "title: {}\ntags: [mine]\nsteps:\n  - say: Hello.\n  - rest: 1s\n"


@pytest.fixture
def phone(tmp_path):
    folder = tmp_path / "phone"
    folder.mkdir()
    return folder


@pytest.fixture
def routine(write):
    return write(SHORT.format("Kurz & gut – für dich"), "kurz.yaml")


def state(folder):
    """What tells whether a file was written again, by name."""
    return {item.name: (item.stat().st_ino, item.stat().st_mtime_ns) for item in folder.iterdir()}


def test_a_session_comes_with_a_playlist_and_a_cover(call, routine, phone):
    code, out, err = call("export", routine, "--to", phone)
    assert (code, err) == (0, "")
    assert out.startswith(f"{phone}/kurz.mp3  0:")
    assert sorted(state(phone)) == [".audioguide.json", "audioguide.m3u8", "cover.jpg", "kurz.mp3"]
    seconds = round(MP3(phone / "kurz.mp3").info.length)
    lines = (phone / "audioguide.m3u8").read_text("utf-8").splitlines()
    assert lines == ["#EXTM3U", f"#EXTINF:{seconds},Kurz & gut – für dich", "kurz.mp3"]
    assert (phone / "cover.jpg").read_bytes() == MP3(phone / "kurz.mp3")["APIC:"].data


def test_what_did_not_change_is_not_written(call, routine, phone):
    call("export", routine, "--to", phone)
    before = state(phone)
    code, out, _ = call("export", routine, "--to", phone, "--json")
    assert code == 0
    facts = json.loads(out)
    assert facts["written"] is False
    assert facts["bytes"] == (phone / "kurz.mp3").stat().st_size
    assert facts["duration"] == pytest.approx(MP3(phone / "kurz.mp3").info.length, abs=0.06)  # silence of the encoder's
    assert state(phone) == before


@pytest.mark.parametrize(
    ("more", "name"),
    [
        (("--level", "brief"), "kurz brief.mp3"),
        (("--hold", "rest-pose=7s"), "kurz Rest pose 7s.mp3"),
        (("--chime", "wood"), "kurz chime wood.mp3"),
        (("--mono",), "kurz.mp3"),
        (("--no-pictures",), "kurz.mp3"),
        (("--captions", "vtt"), "kurz.mp3"),
        (("--title", "Other"), "kurz.mp3"),
    ],
)
def test_another_file_is_written_over_it_and_another_session_beside_it(call, routine, phone, more, name):
    call("export", routine, "--to", phone)
    before = state(phone)
    facts = json.loads(call("export", routine, "--to", phone, "--json", *more)[1])
    assert (facts["written"], facts["file"]) == (True, f"{phone}/{name}")
    assert (state(phone)["kurz.mp3"] == before["kurz.mp3"]) is (name != "kurz.mp3")
    assert json.loads(call("export", routine, "--to", phone, "--json", *more)[1])["written"] is False


def test_a_changed_routine_is_written(call, routine, phone):
    call("export", routine, "--to", phone)
    routine.write_text(routine.read_text("utf-8").replace("Hello.", "Good day."), "utf-8")
    assert json.loads(call("export", routine, "--to", phone, "--json")[1])["written"] is True


def test_what_is_missing_there_is_written_again(call, routine, phone):
    how = ("export", routine, "--to", phone, "--captions", "vtt", "--json")
    call(*how)
    sound, captions = phone / "kurz.mp3", phone / "kurz.vtt"
    for spoil in (lambda: sound.write_bytes(sound.read_bytes()[:-100]), captions.unlink):
        before = {path.name: path.read_bytes() for path in phone.iterdir()}
        spoil()
        assert json.loads(call(*how)[1])["written"] is True
        assert {path.name: path.read_bytes() for path in phone.iterdir()} == before
        assert json.loads(call(*how)[1])["written"] is False
    sound.unlink()
    captions.write_bytes(b"somebody else's")
    code, _, err = call(*how)
    assert (code, err.count("\n")) == (2, 1)
    assert "kurz.vtt may not be from audioguide" in err
    captions.unlink()
    assert json.loads(call(*how)[1])["written"] is True


def test_a_file_that_was_brought_there_otherwise_is_known(call, routine, phone):
    """The file itself says what it is: a folder can be made anew, or be filled by `export -o`."""
    call("export", routine, "-o", phone / "kurz.mp3")
    assert json.loads(call("export", routine, "--to", phone, "--json")[1])["written"] is False
    assert (phone / "audioguide.m3u8").read_text("utf-8").endswith("kurz.mp3\n")


def test_a_playlist_has_what_is_there(call, write, phone):
    covers = set()
    for name in ("one", "two", "three"):
        call("export", write(PLAIN.format(name.title()), f"{name}.yaml"), "--to", phone)
        covers.add((phone / "cover.jpg").read_bytes())
    assert len(covers) == 3
    (phone / "two.mp3").unlink()
    call("export", write(PLAIN.format("Four"), "four.yaml"), "--to", phone)
    lines = (phone / "audioguide.m3u8").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["four.mp3", "one.mp3", "three.mp3"]


def test_what_is_not_ours_stays(call, routine, phone):
    (phone / "cover.jpg").write_bytes(b"my own picture")
    (phone / "song.mp3").write_bytes(b"my own song")
    assert call("export", routine, "--to", phone)[0] == 0
    assert (phone / "cover.jpg").read_bytes() == b"my own picture"
    other = routine.rename(routine.with_name("song.yaml"))
    code, _, err = call("export", other, "--to", phone)
    assert (code, err.count("\n")) == (2, 1)
    assert "song.mp3 may not be from audioguide." in err
    assert (phone / "song.mp3").read_bytes() == b"my own song"


def test_two_names_that_a_phone_takes_for_one_are_two_files(call, write, phone):
    call("export", write(PLAIN.format("Low"), "back.yaml"), "--to", phone)
    name = json.loads(call("export", write(PLAIN.format("High"), "Back.yaml"), "--to", phone, "--json")[1])["file"]
    assert name.startswith(f"{phone}/Back-")
    again = json.loads(call("export", write(PLAIN.format("High"), "Back.yaml"), "--to", phone, "--json")[1])
    assert (again["file"], again["written"]) == (name, False)


@pytest.mark.parametrize(
    "payload",
    [
        b"[1]",
        b"null",
        b'{"id":["kurz"],"title":{"a":1},"mark":null}',
        b'{"id":"kurz","title":"a\\nb\\ud800","mark":7}',
        b'{"id":"../../kurz","title":"","mark":"x"}',
    ],
)
def test_a_file_there_may_say_anything_of_itself(call, routine, phone, tmp_path, payload):
    carry(payload, phone / "theirs.mp3")
    code, _, err = call("export", routine, "--to", phone)
    assert (code, err) == (0, "")
    assert (phone / "kurz.mp3").exists()
    lines = (phone / "audioguide.m3u8").read_text("utf-8").splitlines()
    assert len(lines) in (3, 5)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["kurz.yaml", "phone"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kurz.yaml", "--to", "nowhere"), "There is no folder nowhere."),
        (("kurz.yaml", "--to", "kurz.yaml"), "There is no folder kurz.yaml."),
        (("kurz.yaml", "--to", "phone", "-o", "a.mp3"), "Leave -o, --stems and --loudness out."),
        (("kurz.yaml", "--to", "phone", "--stems"), "Leave -o, --stems and --loudness out."),
        (("--all", "--loudness"), "Leave -o, --stems and --loudness out."),
        (("--all", "-o", "a.mp3"), "Leave -o, --stems and --loudness out."),
        (("--all", "kurz.yaml"), "--all is every routine."),
        (("--all", "--save", "mine"), "--all is every routine."),
        (("kurz.yaml", "--tag", "mine"), "--tag chooses among all routines."),
        (("--to", "phone"), "Missing argument 'ROUTINE'."),
        (("--all", "--to", "phone", "--voice", "nobody"), "There is no voice 'nobody'."),
        (("--all", "--to", "phone", "--tag", "no-such-tag"), "No routine fits."),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(call, routine, phone, tmp_path, home, arguments, said):
    code, out, err = call("export", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not list(phone.glob("*.mp3"))
    assert not (tmp_path / "build").exists()


@pytest.fixture
def own(home):
    """Routines of the person's own: two that work, one that does not."""
    scripts = home / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "a-held.yaml").write_text(SHORT.format("Held"), "utf-8")
    (scripts / "b-broken.yaml").write_text("title: Broken\nsteps: [{pose: no-such-pose}]\n", "utf-8")
    (scripts / "c-plain.yaml").write_text(PLAIN.format("Plain"), "utf-8")
    return scripts


def test_one_that_fails_stops_nothing(call, own, phone):
    code, out, err = call("export", "--all", "--tag", "MINE", "--to", phone)
    assert code == 2
    assert [line.partition("  ")[0] for line in out.splitlines()] == [f"{phone}/a-held.mp3", f"{phone}/c-plain.mp3"]
    assert err.startswith("b-broken failed: ")
    assert err.endswith("1 of 3 sessions failed.\n")
    assert sorted(item.name for item in phone.glob("*.mp3")) == ["a-held.mp3", "c-plain.mp3"]


def test_what_fails_in_the_same_way_is_told_once(call, own, phone, home):
    for name in ("a-held", "c-plain"):
        (own / f"{name}.yaml").write_text(
            "title: T\ndefaults: {voice: own}\ntags: [mine]\nsteps: [{say: Hello.}]\n", "utf-8"
        )
    (home / "voices").mkdir()
    (home / "voices/own.yaml").write_text("engine: [\n", "utf-8")
    code, out, err = call("export", "--all", "--tag", "mine", "--to", phone)
    assert (code, out) == (2, "")
    first, broken, second, summary = err.splitlines()
    assert first.startswith("a-held failed: home/voices/own.yaml:1:9: The [ that opens here")
    assert broken.startswith("b-broken failed: ")
    assert (second, summary) == ("c-plain failed as a-held did.", "3 of 3 sessions failed.")


def test_all_go_to_build_and_presets_too(call, own, tmp_path):
    (own / "b-broken.yaml").unlink()
    assert call("show", "a-held", "--hold", "rest-pose=6s", "--save", "d-mine")[0] == 0
    code, out, _ = call("export", "--all", "--tag", "mine", "--json")
    assert code == 0
    facts = json.loads(out)
    assert [one["file"] for one in facts] == ["build/a-held.mp3", "build/c-plain.mp3", "build/d-mine.mp3"]
    assert all(one["written"] for one in facts)
    again = json.loads(call("export", "--all", "--tag", "mine", "--json")[1])
    assert not any(one["written"] for one in again)
    assert (tmp_path / "build" / "audioguide.m3u8").exists()


def test_what_an_option_does_not_fit_is_left_out(call, own, phone):
    (own / "b-broken.yaml").unlink()
    code, out, err = call("export", "--all", "--tag", "mine", "--hold", "rest-pose=6s", "--to", phone)
    assert (code, out.count("\n")) == (0, 1)
    assert err.startswith("c-plain is left out: ")


@pytest.fixture
def small(tmp_path):
    """A phone that is nearly full: a disk of its own."""
    with disk(tmp_path / "small", "1m") as place:
        yield place


def test_a_full_phone_keeps_what_it_has(call, write, own, small):
    (own / "b-broken.yaml").unlink()
    assert call("export", "--all", "--tag", "mine", "--to", small)[0] == 0
    before = {item.name: item.read_bytes() for item in small.iterdir()}
    code, _, err = call("export", write(PLAIN.format("Long").replace("1s", "200s"), "long.yaml"), "--to", small)
    assert (code, err.count("\n")) == (1, 1)
    assert "The disk is full" in err
    assert {item.name: item.read_bytes() for item in small.iterdir()} == before


def test_a_phone_that_is_unplugged_in_the_middle_is_told_once(call, own, small):
    """The place where it was is still there, and must not get what was meant for the phone."""
    export = Session.export

    def unplugged(*arguments, **named):
        subprocess.run(["umount", "-l", small], check=True)
        return export(*arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "export", unplugged)
        code, out, err = call("export", "--all", "--tag", "mine", "--to", small)
    assert (code, out) == (1, "")
    assert err == f"The folder {small} is gone. Plug it in again, then start anew: what is there stays.\n"
    assert list(small.iterdir()) == []


def test_two_at_once_spoil_nothing(tmp_path, write, phone, monkeypatch):
    monkeypatch.chdir(tmp_path)
    routine = write(SHORT.format("Short"), "short.yaml")
    threads = [threading.Thread(target=run, args=(["export", str(routine), "--to", str(phone)],)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(state(phone)) == [".audioguide.json", "audioguide.m3u8", "cover.jpg", "short.mp3"]
    assert MP3(phone / "short.mp3").info.length > 5


def test_songs_of_others_are_not_read_whole(call, routine, phone, monkeypatch):
    """A phone has thousands, each with a picture: their tags are gigabytes together."""
    tag = ID3()
    tag.add(TIT2(text=["A song"]))
    tag.save(phone / "song.mp3")
    looked: list[str] = []
    find = formats.find_payload
    monkeypatch.setattr(formats, "find_payload", lambda path, *name: looked.append(path.name) or find(path, *name))
    assert call("export", routine, "--to", phone)[0] == 0
    assert set(looked) == {"kurz.mp3"}
