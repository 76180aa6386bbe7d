"""The way through a store: a plan with obstacles becomes a grid, the shortest walk on it, and words for its turns.

Pure: geometry and numbers, no store, no tables, no clock.
"""
