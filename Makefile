# The commands of daily work. Each is short enough to be read here and typed by hand; what they
# build with is in CMakePresets.json.

.PHONY: help setup setup-ci run test bench bench-instructions bench-compile check-gc-stress check-tsan check-bellard check-clang check-platforms fuzz format format-check tidy ci clean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 28

setup: ## install packages, bring the engines' sources into .deps/
	@tools/setup.sh

setup-ci:
	@tools/setup.sh --ci

run: setup ## build a release and run the tour, examples/tour
	@cmake --preset release
	@cmake --build --preset release --target tour quip_program
	build/release/examples/tour/tour

test: setup ## all tests on both engines, under ASan + LSan, quickjs-ng under UBSan too
	@tools/test.sh dev dev-bellard

# PRESET=release-bellard measures on Bellard's engine.
bench bench-instructions: PRESET ?= release

bench: setup-ci ## quip beside hand-written C, in time
	@cmake --preset $(PRESET)
	@cmake --build --preset $(PRESET) --target bench

bench-instructions: setup-ci ## quip beside hand-written C, in instructions; fails over a row's limit
	@cmake --preset $(PRESET)
	@cmake --build --preset $(PRESET) --target bench-instructions

bench-compile: ## what a class of 20 members costs the compiler, beside pybind11
	@tools/setup.sh --compare
	@bench/compile/compare.sh

check-gc-stress: setup ## the tests with a collection at every allocation
	@tools/test.sh gc-stress

check-tsan: setup ## the tests under ThreadSanitizer
	@tools/test.sh tsan

check-bellard: setup ## the tests on Bellard's engine as it is released
	@tools/test.sh release-bellard

check-clang: setup-ci ## the tests built by clang 19
	@tools/test.sh clang

# PLATFORMS=windows tests that one alone; QUIP_PLATFORM_ENGINES="quickjs-ng bellard" both engines.
check-platforms: PLATFORMS ?= all
check-platforms: setup ## the tests for i686, Windows and aarch64
	@tools/platforms.sh $(PLATFORMS)

# FUZZ_SECONDS=600 runs each for that long.
fuzz: setup-ci ## the fuzz targets under ASan + UBSan, each for 60 s
	@tools/fuzz.sh

format: setup-ci ## format all sources in place
	@tools/format.sh -i

format-check: setup-ci ## fail if a source is not formatted
	@tools/format.sh --dry-run -Werror

tidy: setup-ci ## clang-tidy over src/ and the headers
	@tools/tidy.sh

ci: ## all that a change must pass
	@.ci/run

clean: ## remove what was built; .deps/ stays
	rm -rf build
