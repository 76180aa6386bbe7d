"""What a member is known as."""
