"""Statistical tests state their error rates; the sum is kept, and printed at the end of a run."""

MARK = "error_rate(rate, null, size): probability of a false alarm, null hypothesis, sample size"


def pytest_configure(config):
    config.addinivalue_line("markers", MARK)


def pytest_runtest_setup(item):
    mark = item.get_closest_marker("error_rate")
    if mark is not None:  # on the report, which also comes from other processes
        item.user_properties.append(("error_rate", mark.kwargs["rate"]))


def pytest_terminal_summary(terminalreporter):
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    rates = [
        rate
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, rate in report.user_properties
        if name == "error_rate"
    ]
    if rates:
        terminalreporter.write_line(
            f"{len(rates)} statistical tests; family-wise error rate at most {sum(rates):.3g}"
        )
