"""A notebook becomes a page: its cells and outputs as safe HTML, drawings in the page's colours, and the same as PDF and Markdown."""
