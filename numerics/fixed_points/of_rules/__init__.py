"""Where a loop of any constant rule settles: one module for each kind of rule, and the ways."""
