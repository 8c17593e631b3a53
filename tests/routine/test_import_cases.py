"""Small texts as people write them, imported by the command: what each of them gives is in `import_cases.yaml`."""

import re
from pathlib import Path

import pytest
from imported import KEYS, Imported, call, check
from ruamel.yaml import YAML

CASES = YAML(typ="safe").load(Path(__file__).with_name("import_cases.yaml"))


def import_case(case, folder):
    path = folder / f"script.{case['form']}"
    path.write_bytes(case["text"].encode())
    found = Imported(path)
    assert found.code == 0, found.told
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_small_texts(case, tmp_path):
    assert case.keys() <= KEYS | {"id", "form", "text"}
    check(import_case(case, tmp_path), case)


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
    code, out, _ = call("check", found.file)
    assert code == 0 or re.search(r"\[unspeakable\]|no prompts in the language 'fr'", out)
