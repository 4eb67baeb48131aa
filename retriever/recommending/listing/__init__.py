"""From many lists to one: shares, blending, rules, filters, diversity, exploration."""
