"""What people did in the shop: events taken in, read back, cleaned, weighed, and given out as histories."""
