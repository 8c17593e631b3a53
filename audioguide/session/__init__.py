"""The composition: a routine with its options, ready to be played or exported."""
