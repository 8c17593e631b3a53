"""What `play` lets be heard besides the session."""

from audioguide.model.routine import BreatheStep, Length, PoseStep
from audioguide.player.live_sounds import LiveSounds
from audioguide.session.session import Session
from audioguide.session.stream import SessionStream
from audioguide.sound.chimes import render_answer, render_chime
from audioguide.timeline.phrases import fill_placeholders
from audioguide.units import RATE, to_frames


def make_live_sounds(
    session: Session, live: SessionStream, start_in: float, rest_after: float, heard: bool
) -> LiveSounds:
    """The sounds, by the session's cues, chime and voice. Where nobody hears it, it ends as a file does."""
    exercises = [step for step in session.routine.steps if isinstance(step, PoseStep | BreatheStep)]
    ends = heard and bool(exercises) and exercises[-1].cues.end != "off"
    before, said = [], 0.0
    if start_in and (text := session.phrases.texts.start_in):
        time = session.phrases.duration(Length(round(start_in)))
        before.append((0.0, live.speak(fill_placeholders(text, time=time))))
        said = len(before[0][1]) / RATE + 0.5
    before += [(start_in - left, render_answer("count")) for left in range(min(5, int(start_in - said)), 0, -1)]
    bell = render_chime(exercises[-1].chime, "release", to_frames(6)) if ends and exercises[-1].chime else None
    return LiveSounds(
        keys=any(step.cues.keys != "off" for step in exercises),
        start_in=start_in,
        before=tuple(before),
        warning=((0.0, render_chime("bell", "start", to_frames(2))),),
        rest=to_frames(rest_after + 8 * ends),
        bells=() if bell is None else tuple((to_frames(at + 0.7), bell) for at in {0, rest_after}),
    )
