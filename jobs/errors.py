"""Errors of jobs; each becomes a help page (see registry.errors)."""

from __future__ import annotations

from registry.errors import WeighbridgeError


class JobNotFound(WeighbridgeError):
    code = "job-not-found"
    status = 404
    title = "There is no such job"
    advice = "No job with this id is visible to your token. Jobs that have ended are removed after JOB_DAYS days."


class JobFinished(WeighbridgeError):
    code = "job-finished"
    status = 409
    title = "The job has ended already"
    advice = "Only a job that is queued or running can be cancelled. Nothing needs to be done."


class TooManyJobs(WeighbridgeError):
    code = "too-many-jobs"
    status = 429
    title = "Too many jobs are waiting"
    advice = (
        "Wait until some are done, or cancel some in the admin, under Jobs. The operator sets the limits with "
        "MAX_QUEUED_JOBS and MAX_QUEUED_JOBS_PER_USER."
    )


class WorkerDied(WeighbridgeError):
    code = "worker-died"
    status = 500
    title = "The process that ran the job ended before the job did"
    advice = (
        "It was started anew as often as that may help. Ask for it again; if it ends the same way, tell the operator: "
        "the log says how the process ended."
    )


class JobFailed(WeighbridgeError):
    code = "job-failed"
    status = 500
    title = "The job failed"
    advice = "The message says why. The job's page in the admin has the code of the error, with its help page."


class JobCancelled(WeighbridgeError):
    code = "job-cancelled"
    status = 409
    title = "The job was cancelled"
    advice = "Somebody cancelled it, or asked for the same thing anew. Ask for it again if it is still wanted."
