"""The command line: one file a group of commands. A part is imported only by the command that needs it."""
