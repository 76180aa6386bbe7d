"""How a device comes to have a login at the broker, gets another one, and loses it; and how another box joins."""
