"""Many sessions: a plan has one row for each, a job is a pure function of its row, and who does the jobs is apart.

for result in made_here(read_plan(Path("clients.csv"), Path("sessions")), at_a_time=2):
    print(result)
"""

from audioguide.batch.dask import made_on
from audioguide.batch.job import Job, Result
from audioguide.batch.plan import read_plan
from audioguide.batch.pool import made_here

__all__ = ["Job", "Result", "made_here", "made_on", "read_plan"]
