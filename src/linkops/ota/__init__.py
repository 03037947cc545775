"""Updates over the air: modules, packages, jobs, and each device's task in a job."""
