"""Spoken words: voice profiles, engines behind one protocol, the clip cache, and the speaker that joins them."""

from audioguide.speech.profile import Profile, profile
from audioguide.speech.speaker import Speaker

__all__ = ["Profile", "Speaker", "profile"]
