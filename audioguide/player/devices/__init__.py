"""Where the sound goes: loudspeakers, a WAV file, nowhere."""
