"""A session into a file: its sound in any of the formats, tags with chapters and cover, and what lies beside it.

`writer` writes whole exports, `segment_cache` encodes an MP3 in parallel and keeps its segments, `formats` is the one
table of file formats, and `tags` has a module for each kind of container.
"""
