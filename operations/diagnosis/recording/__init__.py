"""The flight recorder: what happened around a moment, as one bundle in which nobody is named."""
