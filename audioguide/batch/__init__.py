"""Many sessions from one plan: `plan` reads a row for each, `job` makes one, `pool` and `dask` share them out."""
