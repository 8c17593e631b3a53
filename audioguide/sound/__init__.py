"""Backgrounds, chimes, ducking and the mix."""
