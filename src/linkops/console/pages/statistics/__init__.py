"""Data analysis: what devices run, and how updates went."""

from linkops.console.pages.statistics import page as page
