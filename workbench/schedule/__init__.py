"""Reports on time: when a schedule is due, what is made then, who is told, and how other schedulers are asked to do it."""
