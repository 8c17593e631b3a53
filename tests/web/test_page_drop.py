"""An exported file is dropped on the page: the browser sends the part of it that holds the session."""

import pytest
from playwright.sync_api import expect

from audioguide.cli.main import run

pytestmark = [pytest.mark.slow, pytest.mark.real("chromium")]


@pytest.mark.parametrize("ending", ["mp3", "m4a", "m4b", "opus", "flac"])
def test_an_exported_file_opens_on_the_page(page, tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    assert run(["export", "taster", "--scale", "1.25", "--title", f"Mine, {ending}", "-o", str(path)]) == 0
    if ending == "m4a":  # as another program leaves it: the index behind the sound
        data, at = path.read_bytes(), int.from_bytes(path.read_bytes()[:4])
        size = int.from_bytes(data[at : at + 4])
        path.write_bytes(data[:at] + data[at + size :] + data[at : at + size])
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Mine, {ending}")
