"""Playing a session on a loudspeaker, and the log of what was played."""
