# socklens: build, run, test, install. `make help` lists the targets.

CARGO   ?= cargo
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR ?=
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
SOVERSION := 0

BIN := target/release/socklens
LIB := target/release/libsocklens.so

.PHONY: all build run examples test test-transparency test-programs deps deny check fmt clippy gen bench miri loom fuzz stress install uninstall clean help

all: build

help:
	@sed -n 's/^## //p' Makefile

## build      the command and the library, in target/release
build:
	# Apart, so that features the command's crates ask for do not reach the shim's.
	$(CARGO) build --profile shim -p socklens-shim
	$(CARGO) build --release -p socklens-cli
	@cmp -s target/shim/libsocklens.so $(LIB) || install -m 755 target/shim/libsocklens.so $(LIB)

## examples   the C examples, in c-examples/build
examples:
	$(MAKE) -s -C c-examples

## run        trace the echo demonstration, or CMD='any command'
CMD ?= c-examples/build/echo_demo
run: build examples
	$(BIN) run -- $(CMD)

## deps       what the tests need beyond Rust, gcc and make (installed as root on Debian and Ubuntu)
deps:
	@sh scripts/test-deps.sh

## test       all tests; says at the end what could not be tested here
test: deps build examples
	@rm -f target/not-tested.txt
	SOCKLENS_PREBUILT=1 $(CARGO) test --workspace --exclude socklens-shim
	@if [ -s target/not-tested.txt ]; then echo; echo "NOT TESTED HERE:"; sort -u target/not-tested.txt; fi

## test-transparency  third-party suites raw and under socklens: TIER=short or full, SUITES="cpython ..." (downloads)
TIER ?= short
test-transparency: build
	@bash tests/suites/run.sh --tier $(TIER) $(SUITES)

## test-programs  well-known programs over the loopback interface (installs them as root on Debian and Ubuntu)
test-programs: build examples
	@sh scripts/test-deps.sh more
	SOCKLENS_PREBUILT=1 $(CARGO) test -p socklens-testkit --test programs --test programs_more

## stress     exact accounting at full speed, killed programs, ten million events (about five minutes)
stress: build
	@bash tests/stress/run.sh

## deny       licences, advisories and bans of all dependencies (needs cargo-deny)
deny:
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny check; \
	    else echo "NOT CHECKED: licences and advisories (cargo install cargo-deny)"; fi

## check      format, lints, generated files, then test
check: fmt clippy gen deny test

fmt:
	$(CARGO) fmt --all --check

clippy:
	$(CARGO) clippy -p socklens-shim -- -D warnings
	$(CARGO) clippy --workspace --exclude socklens-shim --all-targets -- -D warnings

## gen        check that generated files are current (cargo run -p xtask -- gen writes them)
gen:
	$(CARGO) run -q -p xtask -- gen --check

## bench      measure: a table on stdout, target/bench.json
bench: build examples
	@sh benches/run.sh

## loom       model-check the shared-memory structures
loom:
	RUSTFLAGS="--cfg loom" LOOM_MAX_PREEMPTIONS=3 $(CARGO) test --release -p socklens-wire --test loom --target-dir target/loom

## miri       interpret the wire tests (needs a nightly toolchain with miri)
miri:
	MIRIFLAGS="-Zmiri-disable-isolation" $(CARGO) +nightly miri test -p socklens-wire --target-dir target/miri

## fuzz       fuzz events, filters, call sets and a session's memory, each FUZZ_SECONDS (needs a nightly toolchain and cargo-fuzz)
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := event filter calls segment
fuzz:
	@$(CARGO) +nightly --version >/dev/null 2>&1 || \
	    { echo "make fuzz: no nightly toolchain; install it with: rustup toolchain install nightly" >&2; exit 1; }
	@$(CARGO) +nightly fuzz --version >/dev/null 2>&1 || \
	    { echo "make fuzz: no cargo-fuzz; install it with: cargo install cargo-fuzz" >&2; exit 1; }
	@set -e; for t in $(FUZZ_TARGETS); do \
	    echo "fuzz $$t: $(FUZZ_SECONDS) s"; \
	    $(CARGO) +nightly fuzz run $$t -- -max_total_time=$(FUZZ_SECONDS); \
	done

## install    PREFIX, DESTDIR, LIBDIR as usual
install: build
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(MANDIR)/man1
	install -s -m 755 $(BIN) $(DESTDIR)$(BINDIR)/socklens
	install -s -m 755 $(LIB) $(DESTDIR)$(LIBDIR)/libsocklens.so.$(VERSION)
	ln -sf libsocklens.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libsocklens.so.$(SOVERSION)
	ln -sf libsocklens.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libsocklens.so
	install -m 644 include/socklens.h $(DESTDIR)$(INCLUDEDIR)/socklens.h
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	    dist/socklens.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/socklens.pc
	install -m 644 docs/man/socklens.1 $(DESTDIR)$(MANDIR)/man1/socklens.1

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/socklens $(DESTDIR)$(LIBDIR)/libsocklens.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libsocklens.so.$(SOVERSION) \
	    $(DESTDIR)$(LIBDIR)/libsocklens.so $(DESTDIR)$(INCLUDEDIR)/socklens.h $(DESTDIR)$(LIBDIR)/pkgconfig/socklens.pc \
	    $(DESTDIR)$(MANDIR)/man1/socklens.1

clean:
	$(CARGO) clean
	$(MAKE) -s -C c-examples clean
