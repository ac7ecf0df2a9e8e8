"""One pass over everything that is due, poll and scan, and the loop around passes."""
