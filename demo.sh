#!/usr/bin/env bash
# From a fresh Debian 12 machine to two rankings: installs what the build needs, builds the program, runs two studies on
# real municipal data and prints which combinations of criteria lead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. .ci/lib.sh

case "${1:-}" in
  "") ;;
  -h | --help)
    cat <<'HELP'
Usage: ./demo.sh

Installs missing build packages from apt (says which; needs root or sudo), builds the program nokkel (preset release), runs
  configs/norway-child-welfare.toml   child-welfare expenditure per inhabitant, 2015-2017
  configs/norway.toml                 user payments (an income) per inhabitant, 2006-2012
and prints the ten leading combinations of each. Results: results/*.h5. NOKKEL_NO_INSTALL=1 leaves apt alone.
HELP
    exit 0 ;;
  *) usage_error "takes no arguments" ;;
esac

install_missing build
say "building nokkel (preset release)"
build release nokkel
nokkel=build/release/io/cli/nokkel

mkdir -p results
for study in norway-child-welfare norway; do
  say "nokkel run configs/$study.toml -o results/$study.h5 --force"
  "$nokkel" run "configs/$study.toml" -o "results/$study.h5" --force
  say "nokkel rank results/$study.h5 --top 10"
  "$nokkel" rank "results/$study.h5" --top 10
done

say "results: results/norway-child-welfare.h5 and results/norway.h5; they open in Python and R (docs/results-format.md)"
say "the program: $nokkel --help"
