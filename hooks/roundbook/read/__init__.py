"""Reading: the only wing that touches the world; each `read` has a pure `parse` beside it."""
