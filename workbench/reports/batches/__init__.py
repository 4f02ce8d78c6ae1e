"""Many reports: who makes them, and what became of each."""
