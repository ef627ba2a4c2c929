"""Measurements, not tests: `make bench` writes them with machine, date and versions to `.bench/report.md`."""
