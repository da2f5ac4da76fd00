#!/bin/sh
# Build OpenTofu (the newest and the oldest supported one) and tflint from their Go modules into .tools/bin, and put
# Checkov into a virtual environment of its own, .tools/checkov.
#
# A cold build takes minutes and both cores; what is already there from the same sources is left alone. Without Go
# nothing is built from Go, and that is said: the tests and gates that need a missing tool say so in turn.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
bin="$root/.tools/bin"
failed=0

build() { # build NAME FOLDER PACKAGE [LINKER FLAGS]
    name=$1 folder="$root/tools/$2" package=$3 flags="-s -w ${4:-}"
    if ! command -v go >/dev/null 2>&1; then
        echo "skipped $name: no Go on this machine (https://go.dev/doc/install)"
        return
    fi
    stamp="$(go version) $(cat "$folder/go.mod" "$folder/go.sum" | cksum) $flags"
    if [ -x "$bin/$name" ] && [ "$(cat "$bin/.$name.stamp" 2>/dev/null)" = "$stamp" ]; then
        echo "ready   $name"
        return
    fi
    echo "build   $name (minutes when nothing is cached)"
    mkdir -p "$bin"
    if (cd "$folder" && go build -trimpath -mod=readonly -ldflags="$flags" -o "$bin/$name" "$package"); then
        echo "$stamp" >"$bin/.$name.stamp"
    else
        echo "failed  $name" >&2
        failed=1
    fi
}

checkov() {
    venv="$root/.tools/checkov"
    stamp="$(cksum <"$root/requirements/checkov.txt")"
    if [ -x "$venv/bin/checkov" ] && [ "$(cat "$venv/.stamp" 2>/dev/null)" = "$stamp" ]; then
        echo "ready   checkov"
        return
    fi
    echo "install checkov"
    rm -rf "$venv"
    if "${PYTHON:-python3}" -m venv "$venv" &&
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r "$root/requirements/checkov.txt"; then
        echo "$stamp" >"$venv/.stamp"
    else
        echo "failed  checkov" >&2
        failed=1
    fi
}

# OpenTofu calls a build a development one unless its linker is told otherwise, as its own releases do.
released="-X github.com/opentofu/opentofu/version.dev=no"

checkov
build tflint tflint github.com/terraform-linters/tflint
build tofu tofu github.com/opentofu/opentofu/cmd/tofu "$released"
build tofu-1.6 tofu-oldest github.com/opentofu/opentofu/cmd/tofu "$released"
exit "$failed"
