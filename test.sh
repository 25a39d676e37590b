#!/usr/bin/env bash
# Builds with assertions on and runs every test; with --all everything else that CI checks as well. A failing step does not
# keep the others from running; the exit code is 1 when any failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 3
. .ci/lib.sh

help() {
  cat <<'HELP'
Usage: ./test.sh [--all] [--tidy-all] [STEP…]

Installs missing packages from apt (says which; needs root or sudo), then runs these steps:
  checked        build with optimisation and assertions, all tests (preset checked)
and with --all also
  release        build without assertions, all tests (preset release)
  asan           build with address and undefined-behaviour sanitizers, unit tests (preset asan)
  format         clang-format of every C++ file
  architecture   who may include whom; every path in ARCHITECTURE.md exists; every C++ file is built
  scripts        shellcheck of the shell scripts
  tidy           clang-tidy of the files changed since origin/main, or since the last commit
  readme         the commands of README.md print what it says
--tidy-all: as --all, with clang-tidy of every file. STEP…: only these steps. NOKKEL_NO_INSTALL=1 leaves apt alone.
Logs: build/logs. Exit code: 0 all passed, 1 a step failed, 2 usage, 3 packages could not be installed.
HELP
}

cxx_files() { git ls-files -z --cached --others --exclude-standard -- '*.h' '*.cpp'; }

# suite PRESET: builds it and runs its tests; ctest's closing lines are kept for the end.
suite() {
  build "$1" || { echo "the build of $1 failed: its tests did not run"; return 1; }
  ctest --preset "$1" --parallel "$(nproc)"
}
step_checked() { suite checked; }
step_release() { suite release; }
step_asan() { suite asan; }
step_format() {
  local output
  output=$(cxx_files | xargs -0 -r clang-format-19 --dry-run -Werror 2>&1) && return
  sed -n 's/:[0-9]*:[0-9]*: error: code should be clang-formatted.*//p' <<<"$output" | sort -u | grep . || echo "$output"
  echo "clang-format-19 -i mends these"
  return 1
}
step_architecture() { python3 .ci/architecture.py; }
step_scripts() { shellcheck -x demo.sh test.sh .ci/run .ci/lib.sh; }
step_tidy() { configure checked && configure release && python3 .ci/tidy.py "${tidy_arguments[@]}"; }
step_readme() { build release nokkel && python3 .ci/readme.py; }

all_steps=(checked release asan format architecture scripts tidy readme)
steps=()
groups=(build test)
tidy_arguments=()
for argument in "$@"; do
  case $argument in
    -h | --help) help; exit 0 ;;
    --all) steps=("${all_steps[@]}") ;;
    --tidy-all) steps=("${all_steps[@]}"); tidy_arguments=(--all) ;;
    -*) usage_error "unknown option $argument" ;;
    *) [[ " ${all_steps[*]} " == *" $argument "* ]] || usage_error "unknown step $argument"
       steps+=("$argument") ;;
  esac
done
[ ${#steps[@]} -eq 0 ] && steps=(checked)
[[ "${steps[*]}" =~ (format|architecture|scripts|tidy) ]] && groups+=(lint)

install_missing "${groups[@]}"
make_locale de_DE

mkdir -p build/logs
failed=()
table=""
for name in "${steps[@]}"; do
  say "$name"
  started=$SECONDS
  if "step_$name" 2>&1 | tee "build/logs/$name.log"; then outcome=passed; else outcome=FAILED; failed+=("$name"); fi
  note=$(grep -ha 'tests passed,' "build/logs/$name.log" | tail -n 1)
  table+=$(printf '  %-14s %-8s %5d s   %s' "$name" "$outcome" $((SECONDS - started)) "$note")$'\n'
done

# The table, then ctest's own closing lines: of the suite that failed if one did, else of the first that ran.
if [ ${#steps[@]} -gt 1 ]; then printf '\n%s' "$table"; fi
closing=""
for name in "${failed[@]}" "${steps[@]}"; do
  [ -z "$closing" ] && closing=$(sed -n '/tests passed,/,$p' "build/logs/$name.log")
done
if [ ${#steps[@]} -gt 1 ] && [ -n "$closing" ]; then printf '\n%s\n' "$closing"; fi
[ ${#failed[@]} -eq 0 ] || { printf '\nfailed: %s (build/logs)\n' "${failed[*]}"; exit 1; }
