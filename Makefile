# socklens: build, run, test, install. `make help` lists the targets.

CARGO   ?= cargo
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
DOCDIR  ?= $(PREFIX)/share/doc/socklens
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR  ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DESTDIR ?=
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
SOVERSION := 0

BIN := target/release/socklens
LIB := target/release/libsocklens.so
# What the library opens when SOCKLENS_LOG asks for a log without the command. Its place is beside the library.
ALONE := target/release/libsocklens-alone.so
# What it opens where there are fault rules.
FAULTS := target/release/libsocklens-faults.so
NOOP := target/release/libsocklens_noop

# What is installed, all of it: PART:HOW:SOURCE:DESTINATION. PART is the Debian package (bin: socklens, lib: libsocklens0,
# dev: libsocklens-dev); HOW is a mode, a mode with `strip` before it, `fill` (@NAMES@ are filled in) or `link`.
INSTALLED := \
    bin:strip755:$(BIN):$(BINDIR)/socklens \
    lib:strip644:$(LIB):$(LIBDIR)/libsocklens.so.$(VERSION) \
    lib:strip644:$(ALONE):$(LIBDIR)/libsocklens-alone.so \
    lib:strip644:$(FAULTS):$(LIBDIR)/libsocklens-faults.so \
    lib:link:libsocklens.so.$(VERSION):$(LIBDIR)/libsocklens.so.$(SOVERSION) \
    dev:link:libsocklens.so.$(SOVERSION):$(LIBDIR)/libsocklens.so \
    lib:strip644:$(NOOP).so:$(LIBDIR)/libsocklens_noop.so.$(VERSION) \
    lib:link:libsocklens_noop.so.$(VERSION):$(LIBDIR)/libsocklens_noop.so.$(SOVERSION) \
    dev:link:libsocklens_noop.so.$(SOVERSION):$(LIBDIR)/libsocklens_noop.so \
    dev:644:$(NOOP).a:$(LIBDIR)/libsocklens_noop.a \
    dev:644:include/socklens.h:$(INCLUDEDIR)/socklens.h \
    dev:fill:dist/socklens.pc.in:$(LIBDIR)/pkgconfig/socklens.pc \
    dev:fill:dist/socklens-noop.pc.in:$(LIBDIR)/pkgconfig/socklens-noop.pc \
    dev:fill:dist/socklensConfig.cmake.in:$(LIBDIR)/cmake/socklens/socklensConfig.cmake \
    dev:fill:dist/socklensConfigVersion.cmake.in:$(LIBDIR)/cmake/socklens/socklensConfigVersion.cmake \
    bin:644:dist/completions/socklens.bash:$(BASHDIR)/socklens \
    bin:644:dist/completions/_socklens:$(ZSHDIR)/_socklens \
    bin:644:dist/completions/socklens.fish:$(FISHDIR)/socklens.fish \
    $(foreach f,$(wildcard docs/man/*.1),bin:644:$f:$(MANDIR)/man1/$(notdir $f)) \
    $(foreach f,$(wildcard docs/man/*.7),bin:644:$f:$(MANDIR)/man7/$(notdir $f)) \
    $(foreach f,$(wildcard docs/man/*.3),dev:644:$f:$(MANDIR)/man3/$(notdir $f)) \
    $(foreach f,$(wildcard docs/*.md docs/*.svg docs/examples/*.md),bin:644:$f:$(DOCDIR)/$(f:docs/%=%)) \
    $(foreach f,README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE,bin:644:$f:$(DOCDIR)/$f)
# Directories of our own, emptied by uninstall.
OWN_DIRS := $(LIBDIR)/cmake/socklens $(DOCDIR)/examples $(DOCDIR)
# The parts to install.
PARTS ?= bin lib dev

.PHONY: all build run examples test test-transparency test-programs deps deny check fmt clippy gen bench miri loom fuzz stress stress-stats stress-faults install uninstall deb debcheck dist distcheck clean help

all: build

help:
	@sed -n 's/^## //p' Makefile

# At once: a program that is being traced may have it open, and another make may be at it.
put = cmp -s $(1) $(2) || { install -m 755 $(1) $(2).$$$$ && mv $(2).$$$$ $(2); }

## build      the command and the libraries, in target/release
build:
	# Apart, so that features the command's crates ask for do not reach the shim's.
	$(CARGO) build --profile shim -p socklens-shim -p socklens-alone -p socklens-faults
	$(CARGO) build --release -p socklens-cli
	@$(call put,target/shim/libsocklens.so,$(LIB))
	@$(call put,target/shim/libsocklens_alone.so,$(ALONE))
	@$(call put,target/shim/libsocklens_faults.so,$(FAULTS))
	@$(MAKE) -s $(NOOP).so $(NOOP).a

NOOP_FLAGS := -std=c99 -O2 -fPIC -Wall -Wextra -Wpedantic -Werror -Iinclude
$(NOOP).so: dist/noop/socklens_noop.c include/socklens.h
	$(CC) $(NOOP_FLAGS) $(LDFLAGS) -shared -Wl,-soname,libsocklens_noop.so.$(SOVERSION) -Wl,-z,now -Wl,-z,relro -o $@.$$$$ $< && mv $@.$$$$ $@

$(NOOP).a: dist/noop/socklens_noop.c include/socklens.h
	$(CC) $(NOOP_FLAGS) -c -o $(NOOP).$$$$.o $< && rm -f $@.$$$$ && $(AR) rcD $@.$$$$ $(NOOP).$$$$.o && mv $@.$$$$ $@ && rm -f $(NOOP).$$$$.o

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
	SOCKLENS_PREBUILT=1 $(CARGO) test --workspace --exclude socklens-shim --exclude socklens-alone --exclude socklens-faults
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

## stress-faults  faults against genuine peers, real servers and fifty equal runs, ten times as long as in `make test`
stress-faults: build
	SOCKLENS_PREBUILT=1 SOCKLENS_LOOPS=10 $(CARGO) test -p socklens-testkit --test fault_programs --test fault_actions
	@set -e; for n in 1 2 3 4 5 6 7 8 9 10; do \
	    SOCKLENS_PREBUILT=1 $(CARGO) test -q -p socklens-testkit --test fault_conformance --test fault_hazards; done

## deny       licences, advisories and bans of all dependencies (needs cargo-deny)
deny:
	@if ! $(CARGO) deny --version >/dev/null 2>&1; then \
	    echo "NOT CHECKED: licences and advisories (cargo install cargo-deny)"; exit 0; fi; \
	set -e; $(CARGO) deny --workspace check --hide-inclusion-graph licenses bans sources; \
	if $(CARGO) deny --workspace fetch db >/dev/null 2>&1; then $(CARGO) deny --workspace check advisories; \
	else echo "NOT CHECKED: advisories (their database at github.com cannot be reached)"; fi

## check      format, lints, generated files, then test
check: fmt clippy gen deny test

fmt:
	$(CARGO) fmt --all --check

clippy:
	$(CARGO) clippy -p socklens-shim -p socklens-alone -p socklens-faults -- -D warnings
	$(CARGO) clippy --workspace --exclude socklens-shim --exclude socklens-alone --exclude socklens-faults --all-targets -- -D warnings

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

## fuzz       fuzz events, DNS messages, ClientHellos, filters, call sets, fault rules, a session's memory and looking at it, each FUZZ_SECONDS (needs a nightly toolchain and cargo-fuzz)
FUZZ_SECONDS ?= 60
FUZZ_TARGETS := event dns hello filter calls rule toml segment observer
fuzz:
	@$(CARGO) +nightly --version >/dev/null 2>&1 || \
	    { echo "make fuzz: no nightly toolchain; install it with: rustup toolchain install nightly" >&2; exit 1; }
	@$(CARGO) +nightly fuzz --version >/dev/null 2>&1 || \
	    { echo "make fuzz: no cargo-fuzz; install it with: cargo install cargo-fuzz" >&2; exit 1; }
	@set -e; for t in $(FUZZ_TARGETS); do \
	    echo "fuzz $$t: $(FUZZ_SECONDS) s"; \
	    $(CARGO) +nightly fuzz run $$t -- -max_total_time=$(FUZZ_SECONDS); \
	done

## stress-stats  statistics: the exactness test 100 times, 100,000 open and a million short connections
stress-stats: build
	SOCKLENS_PREBUILT=1 SOCKLENS_LOOPS=100 $(CARGO) test -p socklens-testkit --test stats known_calls
	SOCKLENS_PREBUILT=1 SOCKLENS_OPEN=100000 $(CARGO) test -p socklens-testkit --test stats_more more_connections -- --nocapture
	@sh benches/run.sh --only brief,many

## install    PREFIX, DESTDIR, LIBDIR as usual; PARTS="bin lib dev"
install: build
	@set -e; for entry in $(INSTALLED); do \
	    IFS=:; set -- $$entry; unset IFS; \
	    case " $(PARTS) " in *" $$1 "*) ;; *) continue ;; esac; \
	    to="$(DESTDIR)$$4"; mkdir -p "$${to%/*}"; \
	    case $$2 in \
	    strip*) install -s -m "$${2#strip}" "$$3" "$$to" ;; \
	    link) ln -sfn "$$3" "$$to" ;; \
	    fill) sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	        -e 's|@VERSION@|$(VERSION)|' -e 's|@SOVERSION@|$(SOVERSION)|' "$$3" > "$$to"; chmod 644 "$$to" ;; \
	    *) install -m "$$2" "$$3" "$$to" ;; \
	    esac; \
	    echo "$$4"; \
	done

## uninstall  remove what install put, and nothing else (the same PREFIX, DESTDIR, LIBDIR)
uninstall:
	@for entry in $(INSTALLED); do rm -f "$(DESTDIR)$${entry##*:}"; done
	@for dir in $(OWN_DIRS); do [ ! -d "$(DESTDIR)$$dir" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$dir"; done

## deb        Debian packages, in target/deb
DEBDIR ?= target/deb
deb: build
	@MAKE="$(MAKE)" sh scripts/deb.sh $(DEBDIR) $(VERSION)

## debcheck   install the packages into a fresh Debian, use and remove them (root, debootstrap, downloads)
debcheck: deb
	@sh scripts/deb-check.sh $(DEBDIR)

## dist       a tarball of what is committed, in target/dist; the same commit gives the same bytes
DISTDIR ?= target/dist
dist:
	@git rev-parse --verify -q HEAD >/dev/null || { echo "make dist: this is no git repository: the tarball is made of a commit" >&2; exit 1; }
	@mkdir -p $(DISTDIR)
	git archive --format=tar --prefix=socklens-$(VERSION)/ HEAD | gzip -9n > $(DISTDIR)/socklens-$(VERSION).tar.gz

## distcheck  unpack the tarball, build and test what is in it
distcheck: dist
	@rm -rf target/distcheck && mkdir -p target/distcheck
	tar -xzf $(DISTDIR)/socklens-$(VERSION).tar.gz -C target/distcheck
	# Without its history, also when this directory has one.
	GIT_CEILING_DIRECTORIES="$(CURDIR)/target/distcheck" $(MAKE) -C target/distcheck/socklens-$(VERSION) gen test
	@rm -rf target/distcheck

clean:
	$(CARGO) clean
	$(MAKE) -s -C c-examples clean
