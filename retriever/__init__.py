"""The shop's goods and records: catalogue, feeds, search, carts, orders, policies."""
