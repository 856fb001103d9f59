"""`python -m benchmarks`: every benchmark in turn; each prints ratios of two things measured side by side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    folder = Path(__file__).parent
    codes = [
        subprocess.run([sys.executable, str(folder / name), *sys.argv[1:]]).returncode
        for name in ("history.py", "build.py", "checks.py", "importing.py")
    ]
    sys.exit(max(codes))
