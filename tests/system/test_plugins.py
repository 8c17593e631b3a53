"""Classes that other packages add, found as installed packages have them."""

import pytest

from audioguide.errors import EnvironmentFailure
from audioguide.system.plugins import Plugins

PYPROJECT = """[audioguide.tests]
wind = wind_of_tests:Wind
path = wind_of_tests:Other
broken = wind_of_tests:Nothing
"""


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """A table with one built-in class, and an installed package that has three more."""
    (tmp_path / "wind_of_tests.py").write_text("class Wind: ...\nclass Other: ...\n")
    metadata = tmp_path / "wind_of_tests-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: wind-of-tests\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(PYPROJECT)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Plugins("audioguide.tests", {"path": "pathlib:Path"})


def test_a_class_is_built_in_or_of_an_installed_package_or_registered(plugins):
    class Mine: ...

    assert plugins.find("path").__module__.startswith("pathlib")  # no package takes a built-in one's place
    assert plugins.find("wind").__name__ == "Wind"
    assert plugins.find("wave") is None
    plugins.register("wave", Mine)
    plugins.register("path", Mine)
    assert plugins.find("wave") is plugins.find("path") is Mine
    assert plugins.names() == ["broken", "path", "wave", "wind"]


def test_one_that_does_not_load_is_told_with_its_package(plugins):
    with pytest.raises(EnvironmentFailure, match=r"'broken' of the package wind-of-tests does not load: .*Nothing"):
        plugins.find("broken")
