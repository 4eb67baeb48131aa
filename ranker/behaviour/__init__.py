"""What people do next: models over item ids, times and vectors, behind one interface."""
