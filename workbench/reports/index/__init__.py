"""The page of all reports of a study, and the search in them."""
