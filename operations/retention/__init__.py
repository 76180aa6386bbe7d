"""What stays on the box: how full its disk may get, what leaves the journal when, and whether its file is whole."""
