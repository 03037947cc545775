"""Rollouts: the list, the wizard that makes one, and the page of each."""

from linkops.console.pages.jobs import listing, wizard, batch  # noqa: F401, I001 - "/jobs/new" before "/jobs/{job_id}"
