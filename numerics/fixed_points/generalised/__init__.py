"""Where a loop of any constant rule settles: voters, ranks, stages, preferences, own rules."""
