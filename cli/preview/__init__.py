"""What the house writes, shown before it writes to anybody: specimens of every letter, and pages to look at them."""
