"""The recipes of CONTRIBUTING.md, done as they stand there: in a package of its own, or in a copy of the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from waves import in_steps

ROOT = Path(__file__).parent.parent
ROUTINE = """\
title: Short
defaults: {background: none, voice: pico-us}
steps:
  - {pose: childs-pose, hold: 10s}
"""
VOICE = """\
engine: hum
model: low
language: en
rate: {narration: 1, breath: 1, count: 1}
gain: {narration: 0, breath: 0, count: 0}
"""
STRIKE = """\
--- audioguide/model/routine.py
-Step = PoseStep | SayStep
+@dataclass(frozen=True, slots=True)
+class StrikeStep:
+    kind: ClassVar[str] = "strike"
+
+    number: int
+    place: SourceLocation
+    sound: Chime
+    background: BackgroundSpec | None = None
+
+
+Step = StrikeStep | PoseStep | SayStep
--- audioguide/routine/routine_form.py
-STEP_KINDS = (
+STEP_KINDS = ("strike",
@@
+class StrikeStepForm(form.Form):
+    strike: Chime
+
 def _step_kind(value: object) -> str | None:
@@
-    Annotated[PoseStepForm, Tag("@pose")]
+    Annotated[StrikeStepForm, Tag("@strike")] | Annotated[PoseStepForm, Tag("@pose")]
--- audioguide/routine/json_schema.py
+    "strike": ("A chime between two steps.", "bowl"),
     "voice": ("Who speaks.", "heart"),
--- audioguide/routine/expand.py
+from audioguide.model.routine import StrikeStep
 from audioguide.routine import routine_form as forms
@@
+            case forms.StrikeStepForm():
+                return StrikeStep(self.number, place, form.strike)
             case forms.SayStepForm():
--- audioguide/timeline/compiler.py
+from audioguide.model.routine import StrikeStep
 from audioguide.model.timeline import
@@
+            case StrikeStep():
+                chime = scheduler.add("chime", scheduler.cursor, RATE, context, chime="release", sound=step.sound)
+                scheduler.cursor = chime.end
             case BreatheStep():
                 beside =
"""


def blocks(recipe: str, kind: str) -> list[str]:
    """The fenced blocks of a kind in one recipe."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split(f"### {recipe}\n")[1].split("\n### ")[0]
    return [token.content for token in MarkdownIt().parse(text) if token.type == "fence" and token.info == kind]


def patch(folder: Path, difference: str) -> None:
    """Change files: the unchanged and removed (`-`) lines of each part stand once in the file, parted by `@@`."""
    for part in difference.split("--- ")[1:]:
        name, _, changes = part.partition("\n")
        text = (folder / name).read_text("utf-8")
        for change in changes.split("@@\n"):
            lines = change.splitlines()
            before = "\n".join(line[1:] for line in lines if line[0] in " -")
            assert text.count(before) == 1, (name, before)
            text = text.replace(before, "\n".join(line[1:] for line in lines if line[0] in " +"))
        (folder / name).write_text(text, "utf-8")


class Program:
    """The command line, with a package installed beside it, or from a copy of the program that was changed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.path = [folder / "site", ROOT]
        (folder / "site").mkdir()
        (folder / "short.yaml").write_text(ROUTINE, "utf-8")

    def install(self, recipe: str) -> None:
        """The recipe's package, as pip would lay it down."""
        (code,), (project,) = blocks(recipe, "python"), blocks(recipe, "toml")
        (self.folder / "site/its_package.py").write_text(code, "utf-8")
        metadata = self.folder / "site/its_package-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: its-package\nVersion: 1.0\n")
        groups = tomllib.loads(project)["project"]["entry-points"]
        points = (
            (f"[{group}]", *(f"{name} = {what}" for name, what in named.items())) for group, named in groups.items()
        )
        (metadata / "entry_points.txt").write_text("\n".join(line for lines in points for line in lines))

    def change(self, difference: str) -> None:
        """Change a copy of the program, which is used from now on."""
        copy = self.folder / "copy"
        for part in ("audioguide", "scripts", "voices"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        patch(copy, difference)
        self.path = [copy]

    def write(self, name: str, text: str) -> None:
        """A file in the person's own folder."""
        (self.home / name).parent.mkdir(parents=True, exist_ok=True)
        (self.home / name).write_text(text, "utf-8")

    def run(self, *words: str, code: int = 0) -> str:
        places = {"PYTHONPATH": os.pathsep.join(map(str, self.path)), "AUDIOGUIDE_HOME": str(self.home)}
        done = subprocess.run(
            [sys.executable, "-m", "audioguide", *words],
            cwd=self.folder,
            env=os.environ | places,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    def cues(self, *words: str) -> list[dict]:
        return json.loads(self.run("show", *words, "--json"))["cues"]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_an_engine(program: Program) -> None:
    program.install("Add an engine")
    program.write("voices/humming.yaml", VOICE)
    assert "humming" in program.run("voices")
    program.run("export", "short.yaml", "--voice", "humming", "-o", "short.wav")
    letters = {cue["text"]: cue["frames"] for cue in program.cues("short.yaml", "--voice", "humming") if cue["text"]}
    assert letters["Child's pose."] == pytest.approx((1.3 + 0.07) * 44_100, abs=1000)  # with its soft ends


def test_a_layer_of_backgrounds(program: Program) -> None:
    program.install("Add a layer of backgrounds")
    program.write("voices/backgrounds/saw.yaml", "description: A saw.\nlevel: -20\nlayers: [{buzz: {force: 0.1}}]\n")
    assert "saw" in program.run("backgrounds")
    program.run("backgrounds", "preview", "saw", "--seconds", "3", "-o", "saw.wav")
    assert 10 < abs(in_steps(program.folder / "saw.wav")[44_100:88_200]).mean() < 3000


def test_an_output_device(program: Program) -> None:
    program.install("Add an output device")
    program.run("play", "short.yaml", "--output", "count")
    assert "count" in program.run("play", "short.yaml", "--output", "cout", code=2)


def test_a_file_format(program: Program) -> None:
    program.change(*blocks("Add a file format", "diff"))
    program.run("export", "short.yaml", "-o", "short.aiff")
    assert (program.folder / "short.aiff").read_bytes()[:4] == b"FORM"
    assert "carries no routine" in program.run("show", "short.aiff", code=2)


@pytest.mark.slow
def test_an_option(program: Program) -> None:
    program.change(*blocks("Add an option", "diff"))

    def rests(*words: str) -> list[float]:
        cues = program.cues("short.yaml", "--rounds", "childs-pose=2", *words)
        return [cue["duration"] for cue in cues if cue["kind"] == "rest"]

    assert rests() == []
    assert rests("--rest", "20s") == [20]
    program.write("config.yaml", "options: {rest: 30s}\n")
    assert rests() == [30]
    assert "30s" in program.run("config")
    assert "--rest" in program.run("show", "--help")


@pytest.mark.slow
def test_a_kind_of_step(program: Program) -> None:
    program.change(STRIKE)
    (program.folder / "strike.yaml").write_text(ROUTINE + "  - strike: bowl\n  - say: Done.\n", "utf-8")
    program.run("check", "strike.yaml")
    assert [cue["sound"] for cue in program.cues("strike.yaml") if cue["kind"] == "chime"] == ["bell", "bowl"]
    program.run("play", "strike.yaml", "--output", "wav:strike.wav", "--start-at", "2")
    assert "strike" in program.run("schema")


@pytest.mark.slow
def test_a_language(program: Program) -> None:
    words = (ROOT / "voices/prompts/en.yaml").read_text("utf-8")
    program.write(
        "voices/prompts/it.yaml", words.replace("code: eng", "code: ita").replace("begin: Begin.", "begin: Inizia.")
    )
    text = (
        ROUTINE.replace("title: Short", "title: Corto\nlanguage: it")
        .replace(", voice: pico-us", "")
        .replace("10s", "15s")
    )
    (program.folder / "corto.yaml").write_text(text, "utf-8")
    assert "Inizia." in [cue["text"] for cue in program.cues("corto.yaml")]
    meanings = "audioguide/routine/importers/words/{}.yaml"
    english = (ROOT / meanings.format("en")).read_text("utf-8")
    program.write(meanings.format("it"), english.replace("each: each, every, per", "each: per, ogni"))
    (program.folder / "corto.txt").write_text("---\nlanguage: it\n---\n\nPlank: 30 s per leg\n", "utf-8")
    assert "left leg" in program.run("import", "corto.txt")
    program.write("voices/prompts/it.yaml", words.replace("begin:", "begn:"))
    assert "it.yaml:" in program.run("show", "corto.yaml", code=2)
