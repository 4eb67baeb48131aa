"""What every source reads: the goods as columns, what all people did, what one person did."""
