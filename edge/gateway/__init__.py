"""The gateway at work: decides, commits, carries out, tells."""
