#!/usr/bin/env bash
# Puts a software Vulkan driver (Mesa's lavapipe) into .vulkan/ of this project, without root, and prints the
# environment that makes WebGPU use it:
#
#     eval "$(scripts/software-vulkan.sh)"
#
# In: the Debian mirror and keys that apt is set up with. Out: `export` lines on stdout, progress on stderr.
# Holds: .vulkan/ready exists only after every library has been found to load; nothing outside .vulkan/ is
# written. Exit status: 0 ready, 1 a download or a check failed, 3 this system cannot be served (it says why).
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
place="$root/.vulkan"
libraries="$place/lib"
work="$place/work"
tree="$work/tree"
stamp="$place/ready"
recipe=2

say() { printf 'software-vulkan: %s\n' "$*" >&2; }
stop() { local status="$1"; shift; say "$*"; exit "$status"; }

print_environment() {
  mkdir -p "$place/shader-cache"
  printf 'export VK_DRIVER_FILES=%q\n' "$place/lavapipe.json"
  printf 'export LD_LIBRARY_PATH=%q"${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n' "$libraries"
  printf 'export MESA_SHADER_CACHE_DIR=%q\n' "$place/shader-cache"
}

is_ready() {
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$recipe" ] && [ -f "$place/lavapipe.json" ] && [ -d "$libraries" ]
}

# Entries of the distribution's own mirror, and for Debian the same mirror's backports (Mesa 25 for bookworm).
one_line_sources() {
  awk -v name="$1" -v backports="$2" '
    /^[ \t]*deb[ \t]/ {
      line = $0; sub(/#.*/, "", line)
      options = ""
      if (match(line, /\[[^]]*\]/)) { options = substr(line, RSTART, RLENGTH) " "; sub(/\[[^]]*\]/, "", line) }
      count = split(line, word, /[ \t]+/); first = (word[1] == "") ? 2 : 1
      uri = word[first + 1]; suite = word[first + 2]; components = ""
      for (i = first + 3; i <= count; i++) components = components " " word[i]
      if (index(components " ", " main ") == 0) next
      if (suite != name && index(suite, name "-") != 1) next
      print "deb " options uri " " suite components
      if (suite == name && backports == "yes") print "deb " options uri " " name "-backports main"
    }' "$3"
}

stanza_sources() {
  awk -v RS='' -v name="$1" -v backports="$2" '
    {
      count = split($0, line, "\n"); kept = ""; suites = ""; components = ""; types = ""; enabled = "yes"
      for (i = 1; i <= count; i++) {
        if (line[i] ~ /^#/) continue
        lower = tolower(line[i]); value = line[i]; sub(/^[^:]*:[ \t]*/, "", value)
        if (lower ~ /^suites:/) { suites = value; continue }
        if (lower ~ /^components:/) components = value
        if (lower ~ /^types:/) { types = value; continue }
        if (lower ~ /^enabled:/) enabled = tolower(value)
        kept = kept line[i] "\n"
      }
      if (enabled ~ /^no/ || index(" " types " ", " deb ") == 0 || index(" " components " ", " main ") == 0) next
      total = split(suites, suite, /[ \t]+/); wanted = ""; base = 0
      for (i = 1; i <= total; i++) {
        if (suite[i] == name) base = 1
        if (suite[i] == name || index(suite[i], name "-") == 1) wanted = wanted " " suite[i]
      }
      if (base && backports == "yes" && index(wanted " ", " " name "-backports ") == 0) wanted = wanted " " name "-backports"
      if (wanted != "") printf "Types: deb\nSuites:%s\n%s\n", wanted, kept
    }' "$3"
}

write_sources() {
  local name="$1" backports="$2" file
  mkdir -p "$work/sources.list.d"
  : >"$work/sources.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] && one_line_sources "$name" "$backports" "$file" >>"$work/sources.list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] && stanza_sources "$name" "$backports" "$file" >>"$work/sources.list.d/system.sources"
  done
  grep -qs . "$work/sources.list" "$work/sources.list.d/system.sources" ||
    stop 3 "no apt source of '$name' found under /etc/apt; install mesa-vulkan-drivers (23 or later) and libvulkan1"
}

# A configuration read after the system's own: proxies and keys stay, every folder written to is ours.
write_configuration() {
  mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/preferences.d"
  cat >"$work/apt.conf" <<CONFIGURATION
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$work";
Dir::Cache::archives "$work/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "$work/sources.list.d";
Dir::Etc::preferencesparts "$work/preferences.d";
Dir::Log "$work";
Debug::NoLocking "true";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Get::List-Cleanup "false";
APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
CONFIGURATION
}

# What ldd says of the driver and the loader, with the unpacked libraries in front.
linked() {
  local folders
  folders="$(find "$tree" -name '*.so*' -printf '%h\n' | LC_ALL=C sort -u | paste -sd: -)"
  find "$tree" \( -name 'libvulkan_lvp.so' -o -name 'libvulkan.so.1' \) -print0 |
    LD_LIBRARY_PATH="$folders" xargs -0 -r ldd 2>/dev/null || true
}

# Copies the driver, the loader and those of their libraries that were unpacked; nothing else of the packages.
keep_libraries() {
  local file
  rm -rf "$libraries" "$libraries.part"
  mkdir -p "$libraries.part"
  {
    find "$tree" \( -name 'libvulkan_lvp.so' -o -name 'libvulkan.so.1' \)
    linked | sed -n 's/^.* => \(.*\) (0x[0-9a-f]*)$/\1/p' | grep -F "$tree/" || true
  } | LC_ALL=C sort -u | while IFS= read -r file; do
    cp -L "$file" "$libraries.part/${file##*/}"
  done
  mv "$libraries.part" "$libraries"
}

install_driver() {
  local tool
  for tool in apt-get apt-cache dpkg dpkg-query ldd awk find flock; do
    command -v "$tool" >/dev/null 2>&1 ||
      stop 3 "'$tool' not found: this script needs Debian or Ubuntu. Install a Vulkan driver (Mesa 23 or later with lavapipe, or a GPU's own) and the Vulkan loader with your system's tools"
  done
  # shellcheck disable=SC1091
  local ID='' VERSION_CODENAME=''
  [ -r /etc/os-release ] && . /etc/os-release
  local codename="${VERSION_CODENAME:-}" backports=no target=()
  [ -n "$codename" ] || stop 3 "/etc/os-release names no release; install mesa-vulkan-drivers and libvulkan1 yourself"
  if [ "$ID" = debian ]; then
    backports=yes
    target=(-t "$codename-backports")
  fi

  rm -rf "$work" "$libraries" "$stamp"
  mkdir -p "$work"
  write_sources "$codename" "$backports"
  write_configuration
  local apt=(env LC_ALL=C apt-get -q -y -c "$work/apt.conf")

  say "reading the package lists of $codename (into $place)"
  "${apt[@]}" update >"$work/update.log" 2>&1 || { tail -n 5 "$work/update.log" >&2; say 'some lists could not be read; going on with the rest'; }

  say 'fetching Mesa with lavapipe and the libraries it needs'
  # Packages that the system has in a version that serves are not fetched again.
  "${apt[@]}" install --download-only --allow-downgrades --allow-change-held-packages "${target[@]}" \
    mesa-vulkan-drivers libvulkan1 >"$work/fetch.log" 2>&1 || { tail -n 12 "$work/fetch.log" >&2; stop 1 'the packages could not be fetched'; }

  mkdir -p "$tree"
  local package
  for package in "$work"/archives/*.deb; do
    [ -f "$package" ] || continue
    # The C library must be the system's own: its loader is already running.
    case "${package##*/}" in libc6_* | libc-bin_* | libgcc-s1_* | libstdc++6_*) continue ;; esac
    dpkg -x "$package" "$tree"
  done

  local missing driver
  missing="$(linked | awk '/not found/ { print $1 }' | LC_ALL=C sort -u | paste -sd' ' -)"
  [ -z "$missing" ] || stop 1 "these libraries are still missing: $missing"
  keep_libraries

  if [ -f "$libraries/libvulkan_lvp.so" ]; then
    # A relative path counts from the file that names it, so that the folder may be moved.
    driver=./lib/libvulkan_lvp.so
  else
    # Already installed and recent enough: apt had nothing to fetch.
    driver="$(dpkg-query -L mesa-vulkan-drivers 2>/dev/null | grep '/libvulkan_lvp\.so$' | head -n 1 || true)"
    [ -n "$driver" ] || stop 1 'mesa-vulkan-drivers holds no lavapipe for this processor'
  fi
  printf '{ "file_format_version": "1.0.1", "ICD": { "library_path": "%s", "api_version": "1.3.0" } }\n' \
    "$driver" >"$place/lavapipe.json"
  printf '%s\n' "$recipe" >"$stamp.part"
  mv "$stamp.part" "$stamp"
  rm -rf "$work"
  say 'ready'
}

if ! is_ready; then
  mkdir -p "$place"
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$place/lock"
    flock 9
  fi
  is_ready || install_driver
fi
print_environment
