"""Running a command as a person does."""

import pytest

from audioguide.cli.main import run


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    call.folder = tmp_path
    return call
