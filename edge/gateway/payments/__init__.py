"""The ways to be paid, and the desk that asks them, hears of them and never asks twice."""
