"""``shopwise eval recommendation`` and ``shopwise eval ope``: what people took later, what other policies would earn."""
