"""Many sessions: a plan has one row for each, a job is a pure function of its row, and who does the jobs is apart.

jobs = read_plan(Path("clients.csv"), Path("sessions"))
for result in made_here(jobs, Journal(Path("sessions")), at_a_time=2):
    print(result)
"""

from audioguide.batch.cluster import made_on
from audioguide.batch.job import Job, Result
from audioguide.batch.journal import Journal
from audioguide.batch.local import made_here
from audioguide.batch.plan import read_plan

__all__ = ["Job", "Journal", "Result", "made_here", "made_on", "read_plan"]
