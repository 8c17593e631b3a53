"""Imports point down: the layers of the program, held by reading every import."""

import ast
from pathlib import Path

import audioguide

PACKAGE = Path(audioguide.__file__).parent

LAYERS = (
    {"units", "errors", "plugins", "resources", "machine"},
    {"mp3", "shared"},
    {"files"},
    {"blobs"},
    {"media"},
    {"routine"},
    {"timeline"},
    {"speech", "sound", "draw", "diary"},
    {"mixer", "makings"},
    {"fingerprint"},
    {"take"},
    {"player", "output"},
    {"carried"},
    {"presets", "config"},
    {"live", "preview", "belongings"},
    {"rendering"},
    {"writing"},
    {"session"},
    {"opening"},
    {"doctor", "checking"},
    {"batch"},
    {"web"},
    {"cli"},
    {"__main__", "__init__"},
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}


def imports():
    for path in PACKAGE.rglob("*.py"):
        inside = path.relative_to(PACKAGE).parts
        owner = inside[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "audioguide":
                parts = node.module.split(".")
                names = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name.split(".")[1] for alias in node.names if alias.name.startswith("audioguide.")]
            yield from ((path, owner, name) for name in names if not name.startswith("__version__"))


def test_every_part_has_a_level():
    assert {owner for _, owner, _ in imports()} <= set(LEVEL)


def test_imports_point_down():
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path, owner, name in imports()
        if name != owner and LEVEL[name] >= LEVEL[owner] and LEVEL[owner]
    ]
    assert wrong == []


def test_modules_are_small():
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert max(lines.values()) <= 400, lines
