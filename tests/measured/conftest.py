"""What needs a device is collected where there is one; tests/conftest.py says so elsewhere."""

from tests.cuda.device import found

collect_ignore = [] if found() else ["test_measured_gpu.py"]
