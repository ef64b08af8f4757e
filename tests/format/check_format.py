#!/usr/bin/env python3
"""Checks that every C++ file is as .clang-format wants it: check_format.py ROOT. Exit 77: clang-format is missing."""
import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("src", "tests", "bench", "fuzz")


def main():
    tool = shutil.which("clang-format")
    if tool is None:
        print("skipped: clang-format is not installed (apt-get install clang-format)")
        return 77
    root = pathlib.Path(sys.argv[1])
    files = [
        str(path)
        for folder in FOLDERS
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in {".hpp", ".cpp"} and "node_modules" not in path.parts
    ]
    return subprocess.run([tool, "--dry-run", "-Werror", "--style=file", *files], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
