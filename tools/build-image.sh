#!/usr/bin/env bash
# Builds the container image without a container engine, and shows that it works.
#
#   tools/build-image.sh           build, try, clean up; as root
#   KEEP=1 tools/build-image.sh    leave the image in a storage folder, and say where
#
# 1. A base image: Debian by debootstrap, with the Node and npm of this machine.
# 2. The Dockerfile on that base, by buildah in a chroot: no daemon, no image registry.
# 3. The image run as it is, and as docker-compose.yml runs it: see try-image.mjs.
#
# Needs debootstrap, buildah, iproute2, 2 GB below TMPDIR, this machine's package mirror (or MIRROR), and npm's registry.
# The base takes over this machine's certificates, so that the build also works behind a proxy that inspects.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "Cannot build the image: $1" >&2; exit 2; }
[ "$(id -u)" = 0 ] || fail "found user $(id -un), expected root (debootstrap and chroot)"
for program in debootstrap buildah ip node npm; do
  command -v "$program" >/dev/null || fail "$program is missing, expected it on the PATH"
done

# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
apt_mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Release: $release" 'Component: main' | sed -n 1p)
mirror=${MIRROR:-${apt_mirror:-http://deb.debian.org/debian}}
work=$(mktemp -d "${TMPDIR:-/tmp}/tatou-image-XXXXXX")
# The image's own user has to pass through.
chmod 755 "$work"
store=(buildah --root "$work/store" --runroot "$work/run" --storage-driver vfs)

clean_up() {
  if [ -n "${KEEP:-}" ]; then
    echo "kept: ${store[*]} images"
  else
    rm -rf "$work"
  fi
}
trap clean_up EXIT

# step TITLE COMMAND...: what the command prints is shown only when it fails.
step() {
  local title=$1 started=$SECONDS
  shift
  if ! "$@" >"$work/log" 2>&1; then
    echo "  ✗ $title"
    cat "$work/log"
    exit 1
  fi
  printf '  ✓ %-52s %4d s\n' "$title" "$((SECONDS - started))"
}

make_base() {
  local npm_folder certificates=/etc/ssl/certs/ca-certificates.crt
  debootstrap --variant=minbase "$release" "$base_folder" "$mirror"
  rm -rf "$base_folder"/var/{cache/apt/archives,lib/apt/lists}/* "$base_folder"/usr/share/{doc,man,locale}/*
  install -D "$(readlink -f "$(command -v node)")" "$base_folder/usr/local/bin/node"
  npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  mkdir -p "$base_folder/usr/local/lib/node_modules"
  cp -a "$npm_folder" "$base_folder/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base_folder/usr/local/bin/npm"
  [ ! -f "$certificates" ] || install -D -m 644 "$certificates" "$base_folder$certificates"
  echo "cafile=$certificates" >"$base_folder/usr/local/lib/node_modules/npm/npmrc"
}

folder_size() { du -sm "$1" | cut -f1; }

echo "Debian $release from $mirror, Node $(node -v)"
base=$("${store[@]}" from scratch)
base_folder=$("${store[@]}" mount "$base")
step "base: debootstrap, Node, npm" make_base
base_size=$(folder_size "$base_folder")
step "base: commit" "${store[@]}" commit --rm "$base" localhost/tatou-base
step "build: the Dockerfile on that base" \
  "${store[@]}" bud --isolation chroot --pull-never --build-arg BASE=localhost/tatou-base --tag localhost/tatou .

container=$("${store[@]}" from --pull-never localhost/tatou)
folder=$("${store[@]}" mount "$container")
echo "  base $base_size MB, /app $(folder_size "$folder/app") MB: $(cd "$folder/app" && du -sm -- * | sort -rn | awk '{ print $2, $1 }' | paste -sd,)"
"${store[@]}" inspect --type image localhost/tatou >"$work/image.json"

# In a network of its own the image listens on its own ports, and whatever it starts ends with the last line.
unshare --mount --net --pid --fork --kill-child --mount-proc sh -c 'ip link set lo up && exec "$@"' sh \
  node tools/try-image.mjs "$work" "$folder" "${store[@]}" run --isolation chroot "$container" --
