"""What the gateway answers to a screen that asks for what somebody before it wants to see (`/api/v1/screens/`, HTTP).

A gateway may be older than a screen, and the other way round: what a screen can do without has a default, and what it
does not know it does not draw. So fields may be added.
"""
