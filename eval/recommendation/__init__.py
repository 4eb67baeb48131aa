"""``shopwise eval recommendation`` and ``shopwise eval ope``: what people took later, and what a policy would earn."""
