"""Many sessions from one plan: `table` reads its rows, `plan` checks them, `job` and `dask` make the sessions."""
