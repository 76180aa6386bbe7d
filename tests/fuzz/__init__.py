"""Inputs that atheris finds, against what reads what others wrote."""
