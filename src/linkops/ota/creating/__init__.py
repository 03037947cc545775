"""Making a job: what is asked for is checked and stored at once, its tasks are made afterwards."""
