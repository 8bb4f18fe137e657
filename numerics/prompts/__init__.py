"""The loop within prompts: the candidates of a choice answer one prompt."""
