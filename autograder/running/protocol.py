"""What the two ends of a fork server's socket agree on."""

REQUEST = 2**20  # bytes; a request is one message
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
