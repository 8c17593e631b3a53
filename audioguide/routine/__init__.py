"""Routines: the written form, its reading and checking, and a listener's options on it."""
