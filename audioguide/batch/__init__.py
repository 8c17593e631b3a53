"""Many sessions from one plan: `plan` reads its rows, `job` makes one session, `pool` and `dask` run the jobs."""
