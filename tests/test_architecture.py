"""The house: nine floors, imports that point down, modules of a size that is read at once."""

import ast
import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import audioguide

PACKAGE = Path(audioguide.__file__).parent

FLOORS = (
    {"arrays", "errors", "units", "version"},
    {"model", "system"},
    {"schema"},
    {"routine", "timeline", "speech", "sound", "draw"},
    {"export", "player"},
    {"session"},
    {"batch", "web", "__init__"},
    {"cli"},
    {"__main__"},
)
"""From the ground up; those on one floor do not know each other."""

FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}


def imports():
    """(file, its part of the house, the part it imports) for every import, also within functions."""
    for path in PACKAGE.rglob("*.py"):
        owner = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "audioguide":
                parts = node.module.split(".")
                names = parts[1:2] or [alias.name if alias.name in FLOOR else "__init__" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name.split(".")[1] for alias in node.names if alias.name.startswith("audioguide.")]
            yield from ((path.relative_to(PACKAGE), owner, name) for name in names if name != owner)


def test_every_part_has_a_floor():
    assert {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.name != "__pycache__"} <= {
        *FLOOR,
        "py.typed",
    }


def test_imports_point_down():
    assert [f"{path} imports {name}" for path, owner, name in imports() if FLOOR[name] >= FLOOR[owner]] == []


def test_no_modules_import_each_other_in_a_circle():
    """Neither within functions nor for their types alone; only the two entries load what is built on them."""
    paths = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    graph = {}
    for name, path in modules.items():
        nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
        named = {node.module for node in nodes} | {f"{node.module}.{one.name}" for node in nodes for one in node.names}
        graph[name] = set() if name in ("audioguide", "audioguide.cli") else named & modules.keys() - {name}
    assert tuple(TopologicalSorter(graph).static_order())  # raises CycleError with the circle


def test_no_class_name_stands_twice():
    trees = (ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py"))
    names = Counter(node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef))
    assert [name for name, count in names.items() if count > 1] == []


def test_the_house_is_small():
    modules = list(PACKAGE.rglob("*.py"))
    lines = {str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines()) for path in modules}
    assert max(lines.values()) <= 400, lines
    assert len(modules) <= 268


def test_no_module_name_stands_twice():
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.stem not in {"__init__", "__main__"})
    assert [name for name, count in names.items() if count > 1] == []


def test_the_drawing_shows_the_floors():
    drawing = (PACKAGE.parent / "docs/architecture.md").read_text("utf-8").split("```text\n")[1].split("```")[0]
    floors = [
        set(re.findall(r"\b(?:arrays|errors|units|version|__\w+__)\b|\w+(?=/ )", floor)) for floor in drawing.split("├")
    ]
    assert floors[::-1] == list(FLOORS)


def test_the_classes_that_the_page_names_are_there():
    page = (PACKAGE.parent / "docs/architecture.md").read_text("utf-8")
    code = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    assert [name for name in re.findall(r"`([A-Z][a-z]\w+)`", page) if f"class {name}" not in code] == []
    assert all(hasattr(audioguide.Session, method) for method in re.findall(r"\bSession\.(\w+)\(\)", page))
