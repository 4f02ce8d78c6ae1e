"""What the cells of each template show: the blocks of its page, made from a study."""
