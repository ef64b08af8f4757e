#!/usr/bin/env python3
"""Holds the layers of src/: a folder includes only folders in rows below its own, never a neighbour.

Third parties stay fenced to the folder that wraps them, and detail/ to its own folder.

    check_includes.py SRC            prints each offence as file:line: reason; exit 1 if there is any
    check_includes.py --self-test    proves on made-up files that every kind of offence is caught
"""
import pathlib
import re
import sys
import tempfile

ROWS = [
    ["base"],
    ["pbx", "media"],
    ["net"],
    ["bus", "ami", "socketio"],
    ["hub", "fork", "inject", "floor", "router"],
    ["softswitch", "freeswitch"],
    ["app"],
]
ROW_OF = {folder: row for row, folders in enumerate(ROWS) for folder in folders}
FEATURES = set(ROWS[4])

# What a third party's header looks like, and the only folders that may include it.
FENCES = [
    (r"re(_\w+)?\.h$|re/", {"softswitch"}),
    (r"switch(_\w+)?\.h$", {"freeswitch"}),
    (r"(nats/)?nats\.h$|hiredis/|amqp\.h$|rabbitmq-c/|librdkafka/", {"bus"}),
    (r"boost/(asio|beast)[/.]", {"net"}),
    (r"speex/|sndfile\.h|opus/|opus\.h$", {"media"}),
    (r"spdlog/|fmt/|toml\+\+/", {"base"}),
    (r"CLI/", {"app"}),
]
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def offence(folder, file_name, quote, header):
    """Why a file of `folder` must not include `header`; None if it may."""
    if quote == "<":
        for pattern, homes in FENCES:
            if re.match(pattern, header) and folder not in homes:
                return f"<{header}> is for {' and '.join(sorted(homes))} only"
        return None
    parts = header.split("/")
    if parts[0] not in ROW_OF:
        return f'"{header}" must be written from src/, as "{folder}/{parts[-1]}"'
    target = parts[0]
    if target == folder:
        return None
    if "detail" in parts[1:-1]:
        return f'"{header}" is private to {target}/'
    if ROW_OF[target] == ROW_OF[folder]:
        return f"{folder} must not know its neighbour {target}"
    if ROW_OF[target] > ROW_OF[folder]:
        return f"{folder} must not know {target}, which stands above it"
    # Switches implement pbx/ and know no feature; a FreeSWITCH module's entry point is where the two meet.
    if target in FEATURES and folder in ROWS[5] and not (folder == "freeswitch" and file_name.startswith("mod_")):
        return f"{folder} is a switch and must not know the feature {target}"
    return None


def check(src):
    """All offences below `src`, as lines."""
    found = []
    for path in sorted(src.rglob("*")):
        if path.suffix not in {".hpp", ".cpp", ".h", ".c"}:
            continue
        folder = path.relative_to(src).parts[0]
        if folder not in ROW_OF:
            found.append(f"{path}:1: the folder {folder} has no row in {pathlib.Path(__file__).name}")
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            reason = offence(folder, path.name, *match.groups()) if match else None
            if reason:
                found.append(f"{path}:{number}: {reason}")
    return found


ALLOWED = {
    "base/log.cpp": "<spdlog/spdlog.h>",
    "media/wav.cpp": '"base/result.hpp"',
    "net/runtime.cpp": "<boost/asio/io_context.hpp>",
    "hub/agent.cpp": '"bus/driver.hpp"',
    "softswitch/call.cpp": "<re.h>",
    "softswitch/engine.cpp": '"softswitch/detail/mixer.hpp"',
    "freeswitch/mod_event_agent.cpp": '"hub/agent.hpp"',
    "app/main.cpp": '"softswitch/switch.hpp"',
    "app/page.cpp": "<boost/json.hpp>",
    "bus/regex.cpp": "<regex>",
}
FORBIDDEN = {
    "base/log.cpp": '"net/runtime.hpp"',
    "media/tone.cpp": '"pbx/tap.hpp"',
    "hub/agent.cpp": '"fork/fork.hpp"',
    "hub/pool.cpp": '"softswitch/control.hpp"',
    "hub/wire.cpp": "<nats/nats.h>",
    "hub/log.cpp": "<spdlog/spdlog.h>",
    "hub/deep.cpp": '"bus/detail/event_loop.hpp"',
    "bus/socket.cpp": "  #  include <boost/asio/ip/tcp.hpp>",
    "app/sip.cpp": "<re.h>",
    "app/page.cpp": "<boost/beast/http.hpp>",
    "app/sound.cpp": "<sndfile.h>",
    "freeswitch/host.cpp": '"hub/agent.hpp"',
    "softswitch/call.cpp": '"hub/agent.hpp"',
    "softswitch/module.cpp": "<switch.h>",
    "pbx/short.cpp": '"event.hpp"',
    "misc/thing.cpp": '"base/log.hpp"',
}


def self_test():
    """Exit code: 0 when exactly the forbidden files are named, each at its line."""
    with tempfile.TemporaryDirectory() as folder:
        for name, files in (("good", ALLOWED), ("bad", FORBIDDEN)):
            for path, header in files.items():
                file = pathlib.Path(folder, name, path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"// first line\n{header if '#' in header else '#include ' + header}\n")
        good = check(pathlib.Path(folder, "good"))
        bad = check(pathlib.Path(folder, "bad"))
        missed = [path for path in FORBIDDEN if not any(f"/{path}:" in line for line in bad)]
        wrong_line = [line for line in bad if ":2: " not in line and "/misc/" not in line]
    for line in good:
        print(f"allowed, but refused: {line}")
    for path in missed:
        print(f"forbidden, but not caught: {path} includes {FORBIDDEN[path]}")
    for line in wrong_line:
        print(f"caught at the wrong line: {line}")
    return 1 if good or missed or wrong_line else 0


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    offences = check(pathlib.Path(sys.argv[1]))
    print("\n".join(offences) if offences else "every include goes downwards")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
