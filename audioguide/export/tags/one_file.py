"""The one-file page: a session that any browser plays without a network, with its sound, figures and player inside.

Its player is that of `serve`'s page, whose modules become one script: the only one that the page's policy lets run.
"""

import json
import re
import shutil
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path

from audioguide.export.tags import Tagging, Tags, clean_text
from audioguide.system.files import temporary_file

COVER = rb'<img id="cover" src="data:image/jpeg;base64,([^"]*)"'  # as it stands in the page
_SESSION = rb'<script id="session" type="application/json">(.+?)</script>'
_CHUNK = 3 << 18  # bytes of sound that are written at once: a multiple of three, which is one of four in base64
_PAGE = Path(__file__).parents[2] / "web" / "page"
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.-]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|const) (\w+)", re.MULTILINE)


def write_page(path: Path, tags: Tags) -> None:
    """Put a page in the place of the MP3 at `path`, with its sound and all that a player shows of it."""
    data = {"language": "en"} | tags.page()
    words = _PAGE / "words" / f"{data['language'][:2]}.json"
    words = words if words.exists() else words.with_name("en.json")
    data["words"] = {words.stem: json.loads(words.read_text("utf-8"))}
    code = {"style": read_style(), "script": bundle_script("one-file.js")}
    texts = {"language": data["language"], "title": tags.title, "transcript": tags.transcript}
    filled = {
        **{name: escape(clean_text(text)) for name, text in texts.items()},
        **{f"{name}-hash": b64encode(sha256(text.encode()).digest()).decode() for name, text in code.items()},
        **code,
        "cover": b64encode(tags.cover).decode(),
        "session": tags.payload.decode().replace("<", "\\u003c"),  # so that no text in it can end its element
        "page": json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"),
    }
    head, tail = re.sub(r"\{\{([\w-]+)\}\}", lambda name: filled[name[1]], read_template()).split("<!-- sound -->")
    with temporary_file(path.parent) as copy:
        shutil.copyfile(path, copy)  # and not renamed: the caller has a lock on the file itself
        with copy.open("rb") as sound, path.open("wb") as page:
            page.write(head.encode())
            page.writelines(b64encode(chunk) for chunk in iter(lambda: sound.read(_CHUNK), b""))
            page.write(tail.encode())


def read_style() -> str:
    """The style sheets of the page as one."""
    return "".join((_PAGE / name).read_text("utf-8") for name in ("page.css", "player.css", "one-file.css"))


def read_template() -> str:
    """The page without what fills it."""
    return Path(__file__).with_suffix(".html").read_text("utf-8")


def bundle_script(entry: str) -> str:
    """A module of the page and all that it imports as one script: each becomes a function, called when it is needed."""
    names, script = [entry], "const $made = {}, $make = {}, $load = (name) => ($made[name] ??= $make[name]());\n"
    for name in names:
        source = (_PAGE / name).read_text("utf-8")
        imports = _IMPORT.findall(source)
        names += (other for _, other in imports if other not in names)
        taken = "".join(f"const {{{what.replace(' as ', ': ')}}} = $load({other!r});\n" for what, other in imports)
        given = ", ".join(what for _, what in _EXPORT.findall(source))
        body = _EXPORT.sub(r"\1 \2", _IMPORT.sub("", source))
        script += f"$make[{name!r}] = () => {{\n{taken}{body}return {{ {given} }};\n}};\n"
    return f"{script}$load({entry!r});\n"


def read_page(path: Path, pattern: bytes = _SESSION) -> bytes | None:
    """The payload of a one-file page, or what else a pattern finds before its sound; None of any other."""
    with path.open("rb") as file:
        found = re.search(pattern, file.read(2**23), re.DOTALL)  # both stand in its first bytes
    return found[1] if found else None


TAGGING = Tagging(
    write_page, read_page, program=lambda: "".join((read_template(), read_style(), bundle_script("one-file.js")))
)
