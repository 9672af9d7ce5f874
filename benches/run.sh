#!/bin/sh
# Measures socklens: a table on stdout, the same as JSON in target/bench.json. `make bench` builds first and calls this.
#   benches/run.sh [--quick | --rounds N] [--only calls|sockets|micro|rules|threads|starts|strace|peers|real|log|memory|brief|many] [--doc]
#                  [--lib FILE] [--bin FILE]
# --doc puts the table into docs/PERFORMANCE.md, the result into docs/performance.json and its picture into docs/performance.svg.
set -eu
cd "$(dirname "$0")/.."
out=target/bench
mkdir -p "$out"
cc=${CC:-cc}
$cc -O2 -Wall -Wextra -shared -fPIC -o "$out/libstub.so" benches/stub.c
$cc -O2 -Wall -Wextra -fno-builtin -o "$out/driver" benches/driver.c -pthread
$cc -O2 -Wall -Wextra -fno-builtin -o "$out/driver-stub" benches/driver.c -pthread -L"$out" -lstub -Wl,-rpath,'$ORIGIN'
$cc -O2 -Wall -Wextra -fno-builtin -o "$out/micro" benches/micro.c
$cc -O2 -Wall -Wextra -fno-builtin -o "$out/memory" benches/memory.c -pthread
for kind in record count time; do
    $cc -O2 -Wall -Wextra -shared -fPIC -D"FLOOR_$kind" -o "$out/libfloor-$kind.so" benches/floor.c
done
$cc -O2 -Wall -Wextra -o "$out/nothing" benches/nothing.c
${CARGO:-cargo} build -q --release --manifest-path benches/Cargo.toml --target-dir "$out/cargo"
exec "$out/cargo/release/socklens-bench" --tools "$out" "$@"
