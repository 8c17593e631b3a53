"""Routine to timeline: every cue of a session in whole audio frames."""
