"""What may go wrong with a wish for a job."""

from __future__ import annotations

from core import errors


class JobState(errors.Conflict):
    """A wish that the job's state does not allow."""

    code, message = "job_state", "The job is not in a state in which this can be done."
