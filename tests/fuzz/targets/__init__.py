"""One module for each kind of thing that is read; each has its `TARGETS`."""
