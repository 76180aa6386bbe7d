"""What makes a release: the wheel, Debian packages, an apt repository, a list of parts, signatures."""
