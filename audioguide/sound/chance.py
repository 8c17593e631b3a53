"""Chance that is a function of a number: the same for the same number, wherever one begins."""

from __future__ import annotations

_BITS = 2**64 - 1


def chance(seed: int, number: int) -> float:
    """A number from 0 up to 1, evenly spread over seeds and (also negative) numbers.

    SplitMix64's finaliser (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    """
    bits = (seed * 0xD1342543DE82EF95 + number * 0x9E3779B97F4A7C15) & _BITS
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & _BITS
    return ((bits ^ (bits >> 31)) >> 11) * 2.0**-53
