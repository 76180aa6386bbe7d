"""A whole store on one machine: every process of it, started, watched and stopped by one supervisor."""
