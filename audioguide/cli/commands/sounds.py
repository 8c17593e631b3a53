"""`audioguide voices`, `backgrounds` and `chimes`: lists and previews."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from audioguide.cli.commands.record import record_sheet, record_voice
from audioguide.cli.console import MessagePrinter, json_option, print_json, print_table
from audioguide.cli.flags import output_option, read_option
from audioguide.cli.sessions import play_or_export, play_or_write
from audioguide.errors import RequestError, RoutineError
from audioguide.model.routine import CHIMES, Chime
from audioguide.schema.document import parse_document
from audioguide.schema.validate import validate
from audioguide.schema.yaml_writer import to_yaml
from audioguide.session.preview import Preview, make_background_preview, make_voice_preview
from audioguide.sound.background import find_background
from audioguide.sound.block import silence
from audioguide.sound.chimes import DESCRIPTIONS, render_chime
from audioguide.speech.engines.engine import engine_class, is_online
from audioguide.speech.languages import base_language, language_name
from audioguide.speech.lexicon import find_lexicon
from audioguide.speech.respelling import RESPELL
from audioguide.speech.voice_choice import DEFAULT_VOICE, find_fault, measure_gain, sample_text, with_gain
from audioguide.speech.voices import VoiceFile, VoiceProfile, find_profile, load_profile
from audioguide.system import paths
from audioguide.system.files import temporary_folder, write_text
from audioguide.system.paths import display_path
from audioguide.timeline.scheduler import RELEASE_CHIME, START_CHIME
from audioguide.units import parse_duration, to_frames

PAUSE = to_frames(1.0)


def _list_group(
    kind: str, about: str, rows: Callable[[], list[dict[str, Any]]], columns: Callable[[dict[str, Any]], Sequence[str]]
) -> click.Group:
    """The command that lists what there is of a kind, with those below it."""

    @click.group(kind, invoke_without_command=True, help=f"{about}\n\n`audioguide {kind} preview NAME` plays one.")
    @json_option
    @click.pass_context
    def list_them(context: click.Context, as_json: bool) -> None:
        if not context.invoked_subcommand:
            print_json(rows()) if as_json else print_table(map(columns, rows()))

    return list_them


def _format_voice(row: dict[str, Any]) -> Sequence[str]:
    where = {None: "", True: "online", False: "offline"}[row["online"]]
    about = row["problem"] or row["description"] + " (your own)" * row["own"]
    return row["name"], _format_language(row["language"]), row["engine"] or "", where, about


def _format_background(row: dict[str, Any]) -> Sequence[str]:
    marks = ", ".join(["stereo only"] * row["stereo_only"] + ["your own"] * row["own"])
    return row["name"], (row["problem"] or row["description"]) + (f"  ({marks})" if marks else "")


voices_command = _list_group(
    "voices",
    "List the voices, shipped and your own, with their language, engine, and whether they need the network.",
    lambda: [_voice_to_json(name, path) for name, path in sorted(paths.voice_files().items())],
    _format_voice,
)
backgrounds_command = _list_group(
    "backgrounds",
    "List the background sounds for the holds, shipped and your own.",
    lambda: [_background_to_json(name, path) for name, path in sorted(paths.background_files().items())],
    _format_background,
)
chimes_command = _list_group(
    "chimes",
    "List the chimes, which end a hold and begin one that is too short for words.",
    lambda: [{"name": name, "description": DESCRIPTIONS[name]} for name in CHIMES],
    lambda row: (*row.values(),),
)
voices_command.add_command(record_voice)
voices_command.add_command(record_sheet)


@voices_command.command("preview")
@click.argument("name")
@click.argument("text", required=False)
@output_option
def preview_voice(name: str, text: str | None, output: str | None) -> None:
    """Play the voice NAME saying TEXT. Without TEXT, it says a sentence of its language."""
    voice = find_profile(name)
    _play_text(voice, sample_text(voice) if text is None else text, output)


def _play_text(voice: VoiceProfile, text: str, output: str | None) -> None:
    play_or_export(replace(make_voice_preview(voice, text), on_note=MessagePrinter().tell), output)


@voices_command.command("say")
@click.argument("word")
@click.option("--voice", "name", default=DEFAULT_VOICE, show_default=True, metavar="NAME", help="Which voice says it.")
@click.option("--as", "said", metavar="RESPELLING", help="How: hyphens part syllables, CAPITALS are stressed.")
@output_option
def say_word(word: str, name: str, said: str | None, output: str | None) -> None:
    """Play WORD as a voice says it, and print how that is and where it is written. `--as sah-VAH-suh-nuh` tries a way
    of your own, and prints the line that keeps it.
    """
    voice = find_profile(name)
    if not (wanted := engine_class(voice).lexicon_format):
        raise RequestError(f"The voice {name} plays recordings.", "Record the word anew.")
    with temporary_folder() as folder:
        if said is not None:
            trial = folder / "lexicon.yaml"
            trial.write_text(to_yaml({word: said}), "utf-8")
            voice = replace(voice, lexicon=str(trial))
        try:
            found = find_lexicon(voice, wanted).list_readings(word)
        except RoutineError as error:
            first = error.problems[0]
            here = Path(first.place.file).is_relative_to(folder)
            raise RequestError(first.message, first.hint) if here else error from None
        if not found and said is not None:
            raise RequestError(f"{voice.display_name} cannot read {said!r}.", RESPELL)
        for part, how, file in found:
            own = paths.own_lexicon(base_language(voice.language))
            keep = f"To keep it, write this line into {own}:\n{to_yaml({word: said})}" if said else display_path(file)
            click.echo(f"{part}  {how}  {keep}".rstrip())
        if not found:
            click.echo(f"No lexicon has {word!r}: {voice.display_name} reads it in its own way. Try another by --as.")
        _play_text(voice, word, output)


@voices_command.command("level")
@click.argument("name")
def level_voice(name: str) -> None:
    """Measure the voice NAME once, as it says its sample, and write its gain into its file, if that is your own."""
    path = paths.voice_file(name)
    gain = measure_gain(find_profile(name))
    levels = f"narration {gain.narration:+g} dB, breath {gain.breath:+g} dB, count {gain.count:+g} dB"
    if not paths.is_user_file(path):
        click.echo(f"{name} comes with the program and keeps its gain; its sample asks for {levels}.")
        return
    text = with_gain(path.read_text("utf-8"), gain)
    if validate(parse_document(text, str(path)), VoiceFile).gain != gain:
        raise RequestError(f"{display_path(path)} has its keys in one line.", "Write a key a line, and try again.")
    write_text(path, text)
    click.echo(f"{display_path(path)}  {levels}")


def _voice_to_json(name: str, path: Path) -> dict[str, Any]:
    """A voice as `--json` prints it; `problem` says why it cannot speak, and what to do."""
    facts: dict[str, Any] = {"name": name, "title": "", "description": "", "language": None, "engine": None}
    facts |= {"online": None, "installed": False, "own": path.is_relative_to(paths.user_dir())}
    facts |= {"source": "", "file": display_path(path)}
    try:
        voice = load_profile(path)
        fault = find_fault(voice)
    except RequestError as error:
        return facts | {"problem": str(error).splitlines()[0]}
    facts |= {key: getattr(voice, key) for key in ("title", "description", "language", "engine", "source")}
    return facts | {"online": is_online(voice), "installed": not fault, "problem": str(fault) if fault else None}


def _format_language(language: str | None) -> str:
    """`German`, or `English (GB)`."""
    if language is None:
        return ""
    _, dash, region = language.partition("-")
    return f"{language_name(language)} ({region})" if dash else language_name(language)


@backgrounds_command.command("preview")
@click.argument("name")
@output_option
@click.option("--seconds", default="20", show_default=True, metavar="TIME", help="How much of it.")
def preview_background(name: str, output: str | None, seconds: str) -> None:
    """Play the background NAME as it sounds in a hold. Space pauses and goes on, q stops."""
    length = read_option("--seconds", seconds, parse_duration)
    if length > 3600:
        raise click.UsageError("--seconds: an hour is the most.")
    play_or_write(make_background_preview(find_background(name).make_source(), to_frames(length)), output)


def _background_to_json(name: str, path: Path) -> dict[str, Any]:
    own = path.is_relative_to(paths.user_dir())
    facts = {"name": name, "description": "", "stereo_only": False, "own": own, "file": display_path(path)}
    facts |= {"problem": None}
    try:
        background = find_background(name)
    except RoutineError as error:
        first = error.problems[0]
        return facts | {"problem": str(first) if own else f"{first.message} {first.hint}"}
    return facts | {"description": background.preset.description, "stereo_only": background.stereo_only}


@chimes_command.command("preview")
@click.argument("name", type=click.Choice(CHIMES))
@output_option
def preview_chime(name: Chime, output: str | None) -> None:
    """Play the chime NAME. It is heard as it ends a hold, then as it begins a short one."""
    release, start = render_chime(name, "release", RELEASE_CHIME), render_chime(name, "start", START_CHIME)
    sound = np.concatenate([silence(PAUSE // 2), release, silence(PAUSE), start, silence(PAUSE)])
    play_or_write(Preview(len(sound), lambda first, count: sound[first : first + count]), output)
