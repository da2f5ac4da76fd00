#!/bin/sh
# Build OpenTofu (the newest and the oldest supported one) and tflint from their Go modules into .tools/bin.
#
# A cold build takes minutes and both cores; what is already built from the same go.mod, go.sum and Go is left alone.
# Without Go nothing is built, and that is said: the tests and gates that need a missing tool say so in turn.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
bin="$root/.tools/bin"
failed=0

build() { # build NAME FOLDER PACKAGE
    name=$1 folder="$root/tools/$2" package=$3
    if ! command -v go >/dev/null 2>&1; then
        echo "skipped $name: no Go on this machine (https://go.dev/doc/install)"
        return
    fi
    stamp="$(go version) $(cat "$folder/go.mod" "$folder/go.sum" | cksum)"
    if [ -x "$bin/$name" ] && [ "$(cat "$bin/.$name.stamp" 2>/dev/null)" = "$stamp" ]; then
        echo "ready   $name"
        return
    fi
    echo "build   $name (minutes when nothing is cached)"
    mkdir -p "$bin"
    if (cd "$folder" && go build -trimpath -mod=readonly -ldflags="-s -w" -o "$bin/$name" "$package"); then
        echo "$stamp" >"$bin/.$name.stamp"
    else
        echo "failed  $name" >&2
        failed=1
    fi
}

build tflint tflint github.com/terraform-linters/tflint
build tofu tofu github.com/opentofu/opentofu/cmd/tofu
build tofu-1.6 tofu-oldest github.com/opentofu/opentofu/cmd/tofu
exit "$failed"
