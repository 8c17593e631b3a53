import importlib.metadata
import sys

import pytest

from audioguide.speech.releases import release


@pytest.mark.parametrize("package", sorted({found.name for found in importlib.metadata.distributions()}))
def test_it_is_what_python_itself_says(package):
    release.cache_clear()
    assert release(package) == importlib.metadata.version(package)


def test_a_package_that_is_not_there():
    with pytest.raises(ModuleNotFoundError):
        release("no-such-package")


def test_the_first_one_on_the_path_counts_and_other_metadata_is_found_by_python(tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, name in ((first, "Some.Voice-2.0.dist-info"), (second, "some_voice-1.0.dist-info")):
        (folder / name).mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "none"), str(first), str(second)])
    release.cache_clear()
    assert release("some-voice") == "2.0"
    (second / "old_voice.egg-info").mkdir()
    (second / "old_voice.egg-info/PKG-INFO").write_text("Name: old-voice\nVersion: 0.3\n")
    assert release("old-voice") == "0.3"
    release.cache_clear()
