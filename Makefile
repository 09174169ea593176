# SPDX-License-Identifier: Apache-2.0
# make test, make demo, make night: each installs what it needs first, and says so.

.PHONY: all dependencies build release test night fuzz protocol-model test-threads test-addresses \
    coverage lint demo install install-manual clean

all: build

dependencies:
	@Scripts/install-dependencies

build: dependencies
	swift build

# What `forkctl version` says of a release; told to the compiler, so that only releases build anew.
release: export FORKCTL_COMMIT := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
release: dependencies
	swift build -c release --product forkctl -Xswiftc -static-executable

test: dependencies
	swift build --build-tests
	swift test --skip-build --parallel
	.build/debug/forkstress
	swift build -c release --product forkctl
	swift build -c release --product forknight
	.build/release/forknight --change

# The second column of docs/reliability.md: hours. Stop it with ^C; the same command goes on.
night: dependencies
	swift build -c release --product forkctl
	swift build -c release --product forknight
	.build/release/forknight --night

# Each decoder of hostile bytes, 20,000,000 times (FUZZ_RUNS=1000 for fewer). Stop it with ^C; the same
# command goes on.
FUZZ_RUNS ?= 20000000
fuzz: dependencies
	@Scripts/fuzz $(FUZZ_RUNS)

# The rules as they are have no counterexample, and each weakened rule has one.
protocol-model:
	Scripts/protocol-model.py holes mutants fixed

# What threads do together, under the thread sanitizer.
test-threads: dependencies
	swift test --sanitize=thread --scratch-path .build-thread --filter Concurrency

# What handles bytes and memory by hand, under the address sanitizer: decoders, tails, snapshots, and what
# threads do together. Strings that live as long as the process are no leaks.
test-addresses: export ASAN_OPTIONS := detect_leaks=0
test-addresses: dependencies
	swift test --sanitize=address --scratch-path .build-address --filter \
	    'SegmentStoreTests\.|DecoderTests|Concurrency|Tail|StoreLifeTests|Base64|EventLine|JSONCursor'

# Line coverage of the libraries, and docs/unreached-throws.md.
coverage: dependencies
	@Scripts/coverage

lint:
	swift format lint --strict --recursive Package.swift Sources Tests StressTests NightTests \
	    Benchmarks/Package.swift Benchmarks/Sources Fuzzing/Package.swift Fuzzing/Sources

demo: dependencies
	@Examples/demo

PREFIX ?= /usr/local
install: release
	install -D -m 0755 .build/release/forkctl $(DESTDIR)$(PREFIX)/bin/forkctl
	@for place in bash:bash-completion/completions/forkctl zsh:zsh/site-functions/_forkctl \
	    fish:fish/vendor_completions.d/forkctl.fish; do \
	    file=$(DESTDIR)$(PREFIX)/share/$${place#*:}; echo "install $$file"; \
	    mkdir -p "$$(dirname "$$file")" || exit 1; \
	    .build/release/forkctl --generate-completion-script "$${place%%:*}" >"$$file" || exit 1; \
	done

# The manual pages, one a command; builds the generator first.
install-manual: dependencies
	mkdir -p .build/manual $(DESTDIR)$(PREFIX)/share/man/man1
	swift package --allow-writing-to-directory .build/manual generate-manual --multi-page \
	    --output-directory .build/manual
	install -m 0644 .build/manual/forkctl*.1 $(DESTDIR)$(PREFIX)/share/man/man1

clean:
	rm -rf .build
