# SPDX-License-Identifier: Apache-2.0
# make test, make demo: each installs what it needs first, and says so.

.PHONY: all dependencies build release test test-threads lint demo install clean

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

# What threads do together, under the thread sanitizer.
test-threads: dependencies
	swift test --sanitize=thread --scratch-path .build-thread --filter Concurrency

lint:
	swift format lint --strict --recursive Package.swift Sources Tests StressTests \
	    Benchmarks/Package.swift Benchmarks/Sources

demo: dependencies
	@Examples/demo

PREFIX ?= /usr/local
install: release
	install -D -m 0755 .build/release/forkctl $(DESTDIR)$(PREFIX)/bin/forkctl

clean:
	rm -rf .build
