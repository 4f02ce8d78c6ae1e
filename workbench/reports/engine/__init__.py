"""The papermill engine: each notebook in a process forked from one that has imported what reports need."""
