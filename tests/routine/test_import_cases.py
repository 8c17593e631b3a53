"""Small texts as people write them, imported by the command: what each of them gives is in `import_cases.yaml`.

`poses`, `breathes` and `silences` are all that there are, in order (`short` is a pause of up to 5 s, `5..15` one
between these, `*` any name); `said` are all words that are spoken, in order, `says` some of them, `not_said` none of
them. `longest` is a bound for every hold and silence in seconds. `onsets` are the seconds at which texts begin, from
the first. `told` is what stands on stderr about a line, as a pattern.
"""

import re
from fnmatch import fnmatch
from itertools import zip_longest
from pathlib import Path

import pytest
from imported import Imported, call, words
from ruamel.yaml import YAML

CASES = YAML(typ="safe").load(Path(__file__).with_name("import_cases.yaml"))
KEYS = {
    "id",
    "form",
    "text",
    "poses",
    "breathes",
    "silences",
    "said",
    "says",
    "not_said",
    "title",
    "language",
    "source",
}
KEYS |= {"chapters", "longest", "onsets", "told"}


def import_case(case, folder):
    path = folder / f"script.{case['form']}"
    path.write_bytes(case["text"].encode())
    found = Imported(path)
    assert found.code == 0, found.told
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_small_texts(case, tmp_path):
    assert case.keys() <= KEYS
    found = import_case(case, tmp_path)
    for pose, wanted in zip_longest(found.poses, case.get("poses", ()), fillvalue=""):
        assert fnmatch(pose.casefold(), wanted.casefold()), (found.poses, case.get("poses"))
    assert found.breathes == case.get("breathes", [])
    if "silences" in case:
        for silence, wanted in zip_longest(found.silences, case["silences"], fillvalue=-1):
            assert is_as_long(silence, wanted), (found.silences, case["silences"])
    if "said" in case:
        assert found.said == words(case["said"])
    rest = f" {' '.join(found.said)} "
    for text in case.get("says", ()):
        before, _, rest = rest.partition(f" {' '.join(words(text))} ")
        assert rest, (text, before)
        rest = f" {rest}"
    for text in case.get("not_said", ()):
        plain = " ".join(words(text))
        assert f" {plain} " not in f" {' '.join(found.said)} " if plain else text not in " ".join(found.texts), text
    assert found.chapters == case["chapters"] if "chapters" in case else True
    assert found.data["title"] == case.get("title", found.data["title"])
    assert found.data.get("language", "en") == case.get("language", "en")
    assert case.get("source", "") in str(found.data.get("source", ""))
    if "longest" in case:
        holds = [float(hold) for hold in re.findall(r"([\d.]+)s\b", " ".join(found.poses))]
        assert max([0, *found.silences, *holds]) <= case["longest"]
    for line, pattern in case.get("told", {}).items():
        about = [one for one in found.told if re.search(rf":{line}:|\blines? {line}\b", one, re.I)]
        assert any(re.search(pattern, one, re.I) for one in about), (line, pattern, found.told)
    if "onsets" in case:
        starts = found.onsets()
        for text, seconds in case["onsets"].items():
            assert [at for at, said in starts if said.startswith(text)] == [pytest.approx(seconds, abs=0.06)], starts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_what_holds_for_all_of_them(case, tmp_path):
    """Spoken texts end like sentences, nothing is told twice, no line is told that is not there, and `check` agrees."""
    found = import_case(case, tmp_path)
    for step in found.data["steps"]:
        for text in filter(None, (step.get("say"), (step.get("pose") or {}).get("instructions"))):
            plain = re.sub(r"\{[^}]*\}", "", text).rstrip(" \"”'»)")
            assert not plain or plain[-1] in ".!?…:", text
    assert len(set(found.told)) == len(found.told)
    count = len(case["text"].splitlines())
    assert all(int(line) <= count for one in found.told for line in re.findall(r"script\.\w+:(\d+):", one))
    assert call("check", found.file)[0] == 0


def is_as_long(silence, wanted):
    bounds = {"short": "0.3..5"}.get(wanted, str(wanted)).split("..")
    return float(bounds[0]) - 0.01 <= silence <= float(bounds[-1]) + 0.01
