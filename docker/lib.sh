# Sourced by the scripts beside it, in the repository's root. Finds a Docker client that
# can build, an engine and a compose, and installs and starts them where it may. After it:
# `docker` and $COMPOSE work, and the base images that `docker/images` chose are set.
# shellcheck shell=bash

work=$PWD/.cache/docker
mkdir -p "$work/bin"
export DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
PATH=$work/bin:$PATH

fail() {
  echo "$*" >&2
  exit 1
}

# Any client will do to ask; without one there is no engine of ours.
engine_answers() { docker info >/dev/null 2>&1; }

# Some clients have no BuildKit; the first on PATH is not always the one that works.
choose_client() {
  local client
  for client in $(type -ap docker | grep -v "^$work/") /usr/bin/docker; do
    if printf 'FROM scratch\nLABEL probe=1\n' | "$client" build -q - >/dev/null 2>&1; then
      ln -sf "$client" "$work/bin/docker"
      return
    fi
  done
  fail "No docker client on this machine can build with BuildKit: install Docker 20.10 or newer, with its buildx plugin where they are separate."
}

choose_compose() {
  if ! docker compose version >/dev/null 2>&1 && ! command -v docker-compose >/dev/null && may_install; then
    install_packages docker-compose
  fi
  if docker compose version >/dev/null 2>&1; then
    COMPOSE="docker compose"
  elif command -v docker-compose >/dev/null; then
    COMPOSE=docker-compose
  else
    fail "Docker is here, but neither 'docker compose' nor docker-compose: install one of them."
  fi
  export COMPOSE
}

may_install() { [ "${INSTALL:-yes}" = yes ] && [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; }

install_packages() {
  DEBIAN_FRONTEND=noninteractive apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# As root on Debian the engine is installed, where there is none at all, and started; it
# goes on when we end.
start_engine() {
  may_install || fail "No Docker engine answers: start one, or see that this user may reach it (as root on Debian this installs and starts one by itself)."
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  if ! command -v dockerd >/dev/null && [ -n "$(apt-cache madison docker-cli 2>/dev/null)" ]; then
    missing+=(docker-cli docker-buildx) # later Debians have client and BuildKit apart
  fi
  [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}"
  # The package may have started it.
  if ! engine_answers; then
    # An engine that was killed leaves these behind, and the number may be another's by now.
    local pid_file
    for pid_file in /var/run/docker.pid /var/run/docker/containerd/containerd.pid; do
      if [ -e "$pid_file" ] && ! grep -qsE '^(dockerd|containerd)$' "/proc/$(cat "$pid_file")/comm"; then
        rm -f "$pid_file"
      fi
    done
    setsid dockerd >"$work/dockerd.log" 2>&1 </dev/null &
  fi
  local waited
  for waited in $(seq 60); do
    engine_answers && return
    sleep 1
  done
  fail "dockerd did not answer within $waited s: see $work/dockerd.log"
}

# No container may have more open files than the engine.
files=$(ulimit -Hn)
if [ "$files" != unlimited ] && [ "$files" -lt 65536 ]; then
  export NOFILE=$files
fi

engine_answers || start_engine
choose_client
choose_compose
if [ -e "$work/bases" ]; then
  # shellcheck disable=SC1091
  . "$work/bases"
fi
