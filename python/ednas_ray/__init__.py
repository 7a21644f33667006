"""The training workers of ednas on a Ray cluster."""

PROTOCOL = "ednas.worker/1"
