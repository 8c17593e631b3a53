from __future__ import annotations

import io

import pytest

from audioguide.player.ui.terminal_style import TerminalCaps, detect_terminal, supports_unicode, to_ascii


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


UTF8 = {"TERM": "xterm", "LANG": "de_DE.UTF-8"}


@pytest.mark.parametrize(
    ("environment", "stdin", "stderr", "expected"),
    [
        (UTF8, Terminal(), Terminal(), TerminalCaps(screen=True, line=True, unicode=True)),
        (UTF8, io.StringIO(), Terminal(), TerminalCaps(screen=False, line=True, unicode=True)),
        (UTF8, None, Terminal(), TerminalCaps(screen=False, line=True, unicode=True)),
        (UTF8, Terminal(), io.StringIO(), TerminalCaps(screen=False, line=False, unicode=True)),
        (UTF8 | {"TERM": "dumb"}, Terminal(), Terminal(), TerminalCaps(screen=False, line=True, unicode=True)),
        ({"LANG": "C"}, Terminal(), Terminal(), TerminalCaps(screen=False, line=True, unicode=False)),
    ],
)
def test_what_there_is_to_draw_on(environment, stdin, stderr, expected, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    assert detect_terminal(environment, stdin, stderr) == expected


def test_a_stdin_that_is_closed_is_no_terminal():
    closed = io.StringIO()
    closed.close()
    assert not detect_terminal(UTF8, closed, Terminal()).screen


@pytest.mark.parametrize(
    ("environment", "unicode"),
    [
        ({}, False),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),  # as Python sets it
        ({"LC_CTYPE": "UTF-8"}, True),  # as macOS has it
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "en_US.utf8"}, True),
        ({"LANG": "en_US.UTF-8@euro"}, True),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_ALL": "de_DE.UTF-8"}, True),
    ],
)
def test_the_locale_tells_the_signs(environment, unicode):
    assert supports_unicode(environment) is unicode


def test_letters_lose_their_accents_and_others_are_marked():
    assert to_ascii("Étirement · “oui…” 猫") == 'Etirement - "oui." ?'
