"""What can be computed: reward laws, the curation ratio, loops and their trajectories.

Knows no theory: nothing here imports `recurate.theory` or `recurate.paper_checks`.
"""
