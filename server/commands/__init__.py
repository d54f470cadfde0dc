"""What `sycee` does on a command line: a module for each command."""
