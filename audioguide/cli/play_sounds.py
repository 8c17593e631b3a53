"""What `play` lets be heard besides the session."""

from audioguide.model.routine import BreatheStep, Length, PoseStep
from audioguide.player.live_sounds import LiveSounds
from audioguide.session.session import Session
from audioguide.session.stream import SessionStream
from audioguide.sound.block import silence
from audioguide.sound.chimes import render_answer, render_chime
from audioguide.timeline.phrases import fill_placeholders
from audioguide.units import RATE, to_frames

_END = to_frames(8)  # the bell and the background at the end
_COUNTED = 5  # the last seconds before the start, each of which has a tick


def make_live_sounds(
    session: Session, live: SessionStream, start_in: float, rest_after: float, heard: bool
) -> LiveSounds:
    """The sounds, by the session's cues, chime and voice. Where nobody hears it, it ends as a file does."""
    exercises = [step for step in session.routine.steps if isinstance(step, PoseStep | BreatheStep)]
    end = _END if heard and exercises and exercises[-1].cues.end != "off" else 0
    chime, before, said = exercises[-1].chime if end else None, [], 0.0
    if start_in and (text := session.phrases.texts.start_in):
        time = session.phrases.duration(Length(round(start_in)))
        before.append((0.0, live.speak(fill_placeholders(text, time=time))))
        said = len(before[0][1]) / RATE + 0.5
    if count := max(0, min(_COUNTED, int(start_in - said))):
        ticks = silence(count * RATE)
        for second in range(count):
            ticks[second * RATE :][: len(render_answer("count"))] = render_answer("count")
        before.append((start_in - count, ticks))
    bell = render_chime(chime, "release", to_frames(6)) if chime else silence(0)
    return LiveSounds(
        keys=any(step.cues.keys != "off" for step in exercises),
        start_in=start_in,
        before=tuple(before),
        warning=((0.0, render_chime("bell", "start", to_frames(2))),),
        rest=to_frames(rest_after) + end,
        bells=tuple((to_frames(at + 0.7), bell) for at in {0, rest_after}),
    )
