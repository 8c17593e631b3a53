import json

from audioguide.model.routine import CHIMES


def test_lists_them(call):
    code, out, err = call("chimes")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(CHIMES)
    assert [row["name"] for row in json.loads(call("chimes", "--json")[1])] == list(CHIMES)


def test_writes_one_to_be_heard(call, tmp_path):
    for name in CHIMES:
        code, out, _ = call("chimes", "preview", name, "-o", f"{name}.wav")
        assert (code, out) == (0, f"{name}.wav  0:04\n")
        assert (tmp_path / f"{name}.wav").stat().st_size > 3 * 44_100 * 6


def test_an_unknown_one_names_those_there_are(call):
    code, _, err = call("chimes", "preview", "gong")
    assert code == 2
    assert all(name in err for name in CHIMES)
