"""Running what is queued, in the test's own process."""

from __future__ import annotations


def work_off() -> int:
    """Run all queued jobs, one after the other, as a worker does; how many there were."""
    from jobs.services.running import claim_next, perform

    done = 0
    while (job := claim_next()) is not None:
        perform(job)
        done += 1
    return done
