"""What store IT does to a box: set it up, prove who is who, change its settings, update, back up, restore, see."""
