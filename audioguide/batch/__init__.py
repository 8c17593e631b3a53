"""Many sessions from one batch file: `table` reads its rows, `plan` checks them, `job` and `dask` make the sessions."""
