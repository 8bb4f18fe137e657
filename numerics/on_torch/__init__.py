"""The exact step on torch tensors, on any device and with gradients.

A law is held in rows, one for each prompt, or one; shorter ones are filled up with places of no
mass. Everything that depends on the law alone is made before the first step. Within a step nothing
is read from the device: what may go wrong is noted there, and looked at after the last step.
"""
