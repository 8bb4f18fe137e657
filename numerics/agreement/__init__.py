"""Whether what was sampled agrees with the exact theory: p-values, deviations, sample quality."""
