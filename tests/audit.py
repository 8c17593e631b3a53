"""Audits what audioguide is installed with: licences, withdrawn releases, what nobody keeps any more, known faults.

    python tests/audit.py              # of the environment that runs it

The package index that pip uses is asked about each of them. What it does not answer is said and fails nothing. A
finding without an exception below fails, and so does an exception that explains nothing any more. Packages that only
run the tests are not handed on, so their licences are not judged.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata

import requests
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pip._internal.commands import create_command

INDEX = create_command("install").parse_args([])[0].index_url.rstrip("/").removesuffix("/simple")  # as pip is set up
GROUPS = {"": "runtime", "batch": "batch", "piper": "piper", "simpleaudio": "simpleaudio", "test": "the tests"}
ABANDONED = timedelta(days=3 * 365)
FREE = set("0BSD Apache-2.0 BSD BSD-2-Clause BSD-3-Clause CC0-1.0 ISC MIT MIT-0 MIT-CMU MPL-2.0 PSF-2.0 Zlib".split())
# Words that packages use in place of an SPDX identifier.
WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Read in the packages themselves: their metadata names no licence, or not that of all they carry.
READ = {"imageio-ffmpeg": "BSD-2-Clause AND GPL-3.0-or-later", "py-nanotts": "Apache-2.0", "resvg-py": "MIT"}
# What is known of a package and taken: the finding, and the reason.
EXCEPTIONS = {
    ("defusedxml", "age"): "a few functions around the standard library, done; fpdf2 needs it",
    ("fpdf2", "licence"): "LGPL: used as published, and anybody can put another one in its place",
    ("imageio-ffmpeg", "licence"): "GPL: the ffmpeg in it is run as a program of its own",
    ("lameenc", "licence"): "LGPL: used as published, and anybody can put another one in its place",
    ("locket", "age"): "one small module, done; Dask needs it",
    ("mdurl", "age"): "the URL rules of CommonMark, which stand still; markdown-it-py needs it",
    (
        "mutagen",
        "licence",
    ): "GPL: imported and not contained; the README says what that means for whoever hands on both",
    ("piper-tts", "licence"): "GPL: run as a program of its own, and only where somebody installs the extra",
    ("pydub", "age"): "the owner asked for it; it cuts and joins sound in memory, ffmpeg reads the files",
    ("simpleaudio", "age"): "the owner asked for it; an extra, in a process of its own, since it can crash",
    ("sortedcontainers", "age"): "pure Python, done; Dask needs it",
    ("soxr", "licence"): "LGPL: used as published, and anybody can put another one in its place",
    ("zict", "age"): "small, kept by Dask's authors; Dask needs it",
}


@dataclass(frozen=True)
class Package:
    """A package as it is installed, under the first group that needs it."""

    name: str
    version: str
    group: str
    licence: str


@dataclass(frozen=True)
class Answer:
    """What the index says of a package; faults are None where it answers no such question."""

    newest: datetime
    yanked: bool
    status: str
    faults: list[str] | None


def licence_of(name: str) -> str:
    """An SPDX expression, or what the package says in its own words."""
    about = metadata.metadata(name)
    classes = [one.rpartition(" :: ")[2] for one in about.get_all("Classifier") or () if one.startswith("License")]
    said = READ.get(name) or about.get("License-Expression") or " AND ".join(WORDS.get(one, one) for one in classes)
    return said or WORDS.get(about.get("License", ""), about.get("License", "")) or "not named"


def installed() -> list[Package]:
    """All that audioguide needs on this machine."""
    found: dict[str, Package] = {}

    def follow(name: str, extras: set[str], group: str) -> None:
        for need in map(Requirement, metadata.requires(name) or ()):
            key = canonicalize_name(need.name)
            here = need.marker is None or any(need.marker.evaluate({"extra": one}) for one in extras | {""})
            if here and key not in found:
                try:
                    version = metadata.version(key)
                except metadata.PackageNotFoundError:
                    print(f"not looked at: {key}, which is not installed here")
                    continue
                if key != "audioguide":
                    found[key] = Package(key, version, group, licence_of(key))
                follow(key, need.extras, group)

    for group in GROUPS:
        follow("audioguide", {group}, group)
    return list(found.values())


def ask(package: Package) -> Answer | None:
    """What the index knows of a package; None where it does not answer."""
    try:
        accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
        page = requests.get(f"{INDEX}/simple/{package.name}/", headers=accept, timeout=20)
        page.raise_for_status()
        project = page.json()
        one = requests.get(f"{INDEX}/pypi/{package.name}/{package.version}/json", timeout=20)
        known = one.json()["vulnerabilities"] if one.ok else None
        # NAME-VERSION.tar.gz, or NAME-VERSION-TAGS.whl with no other hyphens
        own = [
            file
            for file in project["files"]
            if f"-{package.version}." in (name := file["filename"]) or f"-{package.version}-" in name
        ]
        return Answer(
            newest=max(datetime.fromisoformat(file["upload-time"]) for file in project["files"]),
            yanked=bool(own) and all(file["yanked"] is not False for file in own),
            status=project["meta"].get("project-status", "active"),
            faults=None if known is None else [fault["id"] for fault in known if not fault.get("withdrawn")],
        )
    except (requests.RequestException, ValueError, KeyError):
        return None


def free(licence: str) -> bool:
    """Whether an SPDX expression lets anybody use and hand on the package, in closed programs too."""
    plain = licence.replace("(", "").replace(")", "")
    return all(any(one in FREE for one in part.split(" OR ")) for part in plain.split(" AND "))


def judge(package: Package, answer: Answer | None, now: datetime) -> Iterator[tuple[str, str]]:
    """What speaks against a package: its kind, and the words."""
    if package.group != "test" and not free(package.licence):
        yield "licence", f"its licence is {package.licence}"
    if answer and now - answer.newest > ABANDONED:
        yield "age", f"no release since {answer.newest:%Y-%m}"
    if answer and answer.yanked:
        yield "yanked", f"its authors withdrew {package.version}"
    if answer and answer.status != "active":
        yield "status", f"the project is {answer.status}"
    for fault in (answer and answer.faults) or ():
        yield fault, f"{package.version} has a known fault, {fault}"


def main() -> int:
    """Prints what was found and what could not be asked; 1 where something has no exception, or an exception no use."""
    packages = installed()
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(packages, pool.map(ask, packages), strict=True))
    for group, words in GROUPS.items():
        print(f"{sum(package.group == group for package in packages):4} packages of {words}")
    silent = {package.name for package, answer in answers.items() if answer is None}
    blind = silent | {package.name for package, answer in answers.items() if answer and answer.faults is None}
    for names, what in ((silent, "age and withdrawals"), (blind, "known faults")):
        if names:
            print(f"not asked: {what} of {len(names)}, since the package index does not answer that here")
    wrong, unused = 0, {key for key in EXCEPTIONS if key[0] in {package.name for package in packages} - silent}
    for package, answer in answers.items():
        for kind, words in judge(package, answer, datetime.now(UTC)):
            reason = EXCEPTIONS.get((package.name, kind))
            wrong += reason is None
            unused.discard((package.name, kind))
            print(f"{'taken' if reason else 'WRONG'}: {package.name}: {words}{f' ({reason})' if reason else ''}")
    for name, kind in sorted(unused):
        print(f"WRONG: {name}: the exception for its {kind} explains nothing any more: delete it")
    return 1 if wrong or unused else 0


if __name__ == "__main__":
    sys.exit(main())
