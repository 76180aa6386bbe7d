"""What plays on which screen at which instant: a pure function of playlists and the clock.

No state, no leader: two screens beside each other agree because they ask the same function, and one that was off is
right again with its first frame. Gateway, kiosk and command line ask it alike.
"""
