"""The JSON Schema of routine files, for editors: made of the forms, with a description and examples of each key."""

from typing import Any

from audioguide.model.cues import CUES
from audioguide.routine.routine_form import RoutineForm

SCHEMA_FILE = "audioguide.schema.json"  # the file name of the schema in the user's folder

KEYS: dict[str, tuple[Any, ...]] = {
    # key: a description, then examples where the form has none
    "at": ("When it is said: so far into the hold, so long before its end (-5s), or half.",),
    "background": ("What sounds in the holds, or none; a mapping says when, and how loud.", "warm-drone", "none"),
    "begin": ('The words that open the hold, in place of "begin".', "And hold."),
    "breath": ("The breath pattern in seconds: in-out, in-hold-out, or in-hold-out-hold.",),
    "breath_words": ("What to do with each breath; this makes it a moving pose.",),
    "breathe": ("Breathing alone, every breath led by the voice.",),
    "between": ("Between the holds it is so loud, in LU relative to the voice; with during: always.", -24),
    "brief": ("What is said at the level brief.",),
    "caution": ("Said once in a session, before the pose: one text, or brief, normal and full.",),
    "chapter": ("Begins a chapter of this title here, without saying it.", "Part two"),
    "chime": ("What ends a hold, and begins one too short for words: bell, bowl, wood, or none.", "bowl"),
    "cues": ("More or less of what is said, cue by cue.",),
    "defaults": ("Settings for every step that does not say otherwise.",),
    "description": ("A sentence or two for people; exports carry it as their comment.",),
    "during": ("Whether it sounds in the holds only, or always.", "always"),
    "effort": ("What is said while the effort of a rep lasts, from two seconds on.", "Lift."),
    "equipment": ("What it needs besides a mat: `audioguide poses --equipment none` leaves it out.", ["chair"]),
    "every": ("How often it is said in the hold.",),
    "far_arm": ("Upper arm, forearm, hand of the left arm; left out, it is like the near one.", [-92, -88, 0]),
    "far_leg": ("Thigh, shin, foot of the left leg; left out, it is like the near one.", [-90, -90, 0]),
    "figure": ("The pose as it is drawn: angles of the body, as docs/figures.md describes them.",),
    "for": ("A time to breathe in this pattern, by whole breaths; in place of rounds.",),
    "frames": ("One to eight postures; a moving pose goes from the first to the last and back.",),
    "full": ("What is said at the level full.",),
    "gain": ("In holds it is so loud, in LU relative to the voice.", -13),
    "head": ("The direction of neck and head, in degrees.", 90),
    "hold": ("How long a pose is held: a length of time, or whole breaths.",),
    "id": ("In the pose library the id is the file's name; a pose written in place needs none.", "childs-pose"),
    "in": ("What to do on the in-breath.", "Arch your back"),
    "include": ("Another routine, by id or file: all its steps are done here.", "hip-openers"),
    "instructions": ("How to get into the pose: one text, or brief, normal and full.",),
    "keep": ("With always, this step is never left out for a shorter session.", "always"),
    "language": ("The language of the texts, in two letters.", "en"),
    "length": ("How long the whole session is, to the frame; --length asks for another one.", "15:00"),
    "level": ("How much is said.", "normal"),
    "limits": ("The shortest and the longest that a still pose is held.",),
    "loads": ("What it asks of the body: `audioguide poses --without wrists` leaves it out.", ["wrists", "knees"]),
    "name": ("What the pose is called; it is spoken, and is the chapter's title.", "Child's pose"),
    "near_arm": ("Upper arm, forearm, hand of the right arm: 0 is right on the page, 90 up.", [-92, -88, 0]),
    "near_leg": ("Thigh, shin, foot of the right leg: 0 is right on the page, 90 up.", [-90, -90, 0]),
    "normal": ("What is said at the level normal.",),
    "on_floor": ("What rests on the ground; the drawing brings it there.", ["near_foot", "far_foot"]),
    "optional": ("Done only at this level of talk, and fuller ones.", "full"),
    "order": ("Whether all rounds of one side come before the next side.", "rounds-first"),
    "original_name": ("Its name before it was translated: options may name it so, too.", "Child's pose"),
    "original_sides": ("Its sides before they were translated.", ["left leg", "right leg"]),
    "out": ("What to do on the out-breath.", "Round it"),
    "pattern": ("The breath pattern in seconds: in-out, in-hold-out, or in-hold-out-hold.",),
    "pause": ("What is said while a rep is held.", "Hold."),
    "pose": ("A pose: its id in the library, or the pose itself, written in place.", "childs-pose"),
    "position": ("How the body is placed; a change of position gets more time to settle.", "supine"),
    "prompts": ("Your own words at moments of the hold.",),
    "props": ("What is used, and the part of the body that it touches.", {"chair": "hips"}),
    "release": ("The words after the release chime.", "Come back to the middle."),
    "repeat": ("The steps below are done so many times.", 2),
    "reps": ("How many times it is done, counted aloud; this makes it a moving pose.", 10),
    "rest": ("A pause of exactly this length, in which what comes next is announced.",),
    "return": ("What is said on the way back.", "Lower."),
    "rounds": ("How many times it is done.", 3),
    "sanskrit": ("Another name, for people.", "Balasana"),
    "say": ("Words that are spoken here; {pause 2s} is a silence in them, {until 1:30} a time after they began.",),
    "settle": ("The time between the instructions and the beginning of the hold.",),
    "sides": ("The sides on which it is done, in turn, equally long.", ["left leg", "right leg"]),
    "sets": ("The same as rounds.", 3),
    "snap": ("With breath, still holds end with an out-breath.", "breath"),
    "source": ("Where it comes from, for people.",),
    "spine": ("The lower half of the spine from the hips, and the upper half.", [90, 90]),
    "steps": ("What is done, in order.",),
    "tags": ("Words to find it by with `audioguide list --tag`.", ["evening", "short"]),
    "targets": ("What it is good for: `audioguide poses --target hips` finds it.", ["hips", "lower back"]),
    "tempo": ("Seconds of effort, pause and return in one rep.",),
    "tempo_words": ("What is said in the long phases of the tempo, in place of lift, hold, lower.",),
    "to": ("The breath pattern at the end of a ladder, which grows evenly from the first one.", "6-8"),
    "title": ("What the routine is called; exports and covers carry it.", "Ten quiet minutes"),
    "view": ("From where it is seen: side, front, or above.", "side"),
    "voice": ("Who speaks.", "heart"),
}

IN_A_FORM: dict[str, dict[str, tuple[Any, ...]]] = {  # keys with another meaning in these forms
    "CuesForm": {name: (meaning,) for name, (_, meaning) in CUES.items()},
    "BackgroundSpecForm": {"name": ("The background. Left out, it is the one around.", "ocean")},
    "PoseStepForm": {
        "hold": ("How long a pose is held, or each rep of a counted one.",),
        "release": ("The words after the release chime, in place of the pose's own.",),
        "reps": ("How many times it is done, counted aloud; with a hold each is held so long.", 10),
        "rest": ("The pause between rounds, and between reps that are held.",),
        "rounds": ("How many times the pose is done, all sides each time.", 3),
        "sides": ("Some of the pose's sides, as often and in the order as they are named.", "left", ["left", "right"]),
    },
    "PromptForm": {"say": ("The words.",)},
}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 7) of a routine file."""
    schema = RoutineForm.model_json_schema(ref_template="#/definitions/{model}")
    forms = schema.pop("$defs")
    for name, form in {**forms, "RoutineForm": schema}.items():
        form.pop("title", None)
        for key, facts in form.get("properties", {}).items():
            _describe_key(facts, *(IN_A_FORM.get(name, {}).get(key) or KEYS[key]))
    draft = "http://json-schema.org/draft-07/schema#"  # the newest one that VS Code's YAML extension knows
    return {"$schema": draft, **schema, "title": "audioguide routine", "definitions": forms}


def _describe_key(facts: dict[str, Any], sentence: str, *examples: Any) -> None:
    facts.pop("title", None)
    if facts.get("default", 1) in (None, {}, [], ""):
        del facts["default"]  # an editor would insert it
    if "$ref" in facts:  # draft 7 allows nothing else beside it
        facts["allOf"] = [{"$ref": facts.pop("$ref")}]
    facts["description"] = sentence
    if examples:
        facts["examples"] = list(examples)
