"""Templates: found, listed, checked and begun, and what they can be given."""
