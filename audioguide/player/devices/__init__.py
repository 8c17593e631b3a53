"""Devices: one file each. The loudspeaker is what is used when nothing is said."""
