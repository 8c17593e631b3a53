"""From a routine to cues in whole frames."""
