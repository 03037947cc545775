"""A failure is told when it happens: a run that is stopped from outside does not come to its summary.

A plugin of the tests' own (see ``tests/conftest.py``).
"""

import pytest


class FailuresAtOnce:
    """Says of each failure where it is, while the other tests go on."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a line for a test that failed."""
        if report.failed:
            first = report.longreprtext.strip().splitlines()[-1:]
            self._reporter.ensure_newline()
            self._reporter.write_line(f"{report.when} of {report.nodeid} failed: {''.join(first)}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Listen where the reports of all workers arrive."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(FailuresAtOnce(reporter))
