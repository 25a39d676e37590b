# Shared by demo.sh and test.sh: packages from apt, configuring and building a preset. Sourced from the repository root.
# shellcheck shell=bash

say() { printf '==> %s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 3; }
usage_error() { printf '%s: %s; see %s --help\n' "$0" "$*" "$0" >&2; exit 2; }

# packages_of GROUP…: the packages of these groups, one a line.
packages_of() {
  local group
  for group in "$@"; do awk -v group="$group" '$1 == group { print $2 }' .ci/packages.txt; done
}

# missing_of GROUP…: those that are not installed.
missing_of() {
  local wanted installed
  wanted=$(packages_of "$@" | sort -u)
  # shellcheck disable=SC2086  # one word a package
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $wanted 2>/dev/null | awk '$2 == "installed" { print $1 }' | sort -u)
  comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$installed")
}

# as_root COMMAND…: by root or sudo; without a terminal sudo may not ask for a password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"
  elif [ -t 0 ]; then sudo "$@"
  else sudo -n "$@"
  fi
}

may_be_root() { [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null; }

# install_missing GROUP…: installs what is missing and says what; silent when nothing is. NOKKEL_NO_INSTALL=1 leaves it alone.
install_missing() {
  [ "${NOKKEL_NO_INSTALL:-0}" = 1 ] && return
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    die "This system has no apt. Install the equivalents of these Debian 12 packages, then set NOKKEL_NO_INSTALL=1:" \
        "$(packages_of "$@" | tr '\n' ' ')"
  fi
  local missing
  missing=$(missing_of "$@" | tr '\n' ' ')
  missing=${missing% }
  [ -z "$missing" ] && return
  may_be_root || die "Missing packages, and neither root nor sudo to install them. Ask for: apt-get install $missing"
  say "installing from apt: $missing"
  as_root apt-get update -q || die "apt-get update failed: see the lines above (network, or the sources in /etc/apt)"
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing ||
    die "apt-get install failed: see the lines above; these were asked for: $missing"
}

# make_locale NAME: generates NAME.UTF-8 unless it is there.
make_locale() {
  [ "${NOKKEL_NO_INSTALL:-0}" = 1 ] && return
  locale -a | grep -qix "$1\.utf-\?8" && return
  may_be_root || die "Locale $1.UTF-8 is missing, and neither root nor sudo to make it. Ask for: localedef -i $1 -f UTF-8 $1.UTF-8"
  say "making locale $1.UTF-8"
  as_root localedef -i "$1" -f UTF-8 "$1.UTF-8" || die "localedef could not make $1.UTF-8"
}

# jobs: one a processor, fewer when memory is short (a sanitized file can take 2 GB).
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ { print int($2 / 2000000) }' /proc/meminfo)
  [ "${memory:-$cores}" -lt "$cores" ] && cores=$memory
  [ "$cores" -lt 1 ] && cores=1
  echo "$cores"
}

# configure PRESET: when it was not yet, when the presets changed, or when the checkout was moved. Ninja itself sees a changed
# CMakeLists.txt.
configure() {
  local folder=build/$1 log=build/logs/configure-$1.log fresh=()
  if [ -f "$folder/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then fresh=(--fresh)
  elif [ -f "$folder/build.ninja" ] && [ "$folder/configured" -nt CMakePresets.json ]; then return
  fi
  mkdir -p build/logs
  cmake --preset "$1" "${fresh[@]}" >"$log" 2>&1 || { cat "$log"; return 1; }
  touch "$folder/configured"
}

# build PRESET [TARGET…]
build() {
  configure "$1" && ninja -C "build/$1" -j "$(jobs)" "${@:2}"
}
