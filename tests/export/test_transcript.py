from audioguide.export.captions import format_transcript
from audioguide.model.timeline import Chapter, Cue, Section, Timeline

SECOND = 44_100


def speech(role: str, text: str, at: float = 0.0) -> Cue:
    return Cue("speech", round(at * SECOND), SECOND, role=role, text=text)


def session() -> Timeline:
    intro = Section(Chapter("Introduction", 0, 72 * SECOND), (speech("say", "Walk around."), speech("say", "Slowly.")))
    pose = Section(
        Chapter("Bird dog", 72 * SECOND, 200 * SECOND),
        (
            speech("name", "Bird dog, left side."),
            speech("instructions", "Come to your hands and knees."),
            speech("begin", "Begin."),
            Cue("breath", 0, SECOND, role="breath", text="Breathe in.", phase="in"),
            speech("prompt", "Keep your hips level."),
            speech("halfway", "Halfway."),
            speech("countdown", "Three."),
            Cue("hold", 0, 90 * SECOND, asked=90.0, side="left"),
            Cue("chime", 0, SECOND, chime="release"),
            speech("release", "Lower your arm."),
        ),
    )
    rest = Section(Chapter("Rest", 200 * SECOND, 210 * SECOND), (Cue("rest", 0, 10 * SECOND),))
    return Timeline("Evening", "evening", (intro, pose, rest))


def test_the_transcript_reads_as_the_session_goes():
    assert format_transcript(session()) == (
        "0:00 Introduction\n"
        "Walk around. Slowly.\n"
        "\n"
        "1:12 Bird dog\n"
        "Bird dog, left side. Come to your hands and knees. Begin. Keep your hips level.\n"
        "(hold, left, 1m30s)\n"
        "Lower your arm.\n"
        "\n"
        "3:20 Rest"
    )


def test_what_is_said_in_every_rep_is_written_once():
    reps = [cue for _ in range(9) for cue in (speech("count", "One."), speech("prompt", "Lift."))]
    cues = (speech("say", "Once more."), speech("say", "Once more."), *reps, speech("prompt", "Lower."))
    timeline = Timeline("Evening", "evening", (Section(Chapter("Raise", 0, 9 * SECOND), cues),))
    assert format_transcript(timeline) == "0:00 Raise\nOnce more. Once more. Lift. Lower."
