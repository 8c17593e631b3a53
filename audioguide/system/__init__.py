"""Files, folders, caches, child processes and ffmpeg."""
