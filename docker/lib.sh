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
  if docker compose version >/dev/null 2>&1; then
    COMPOSE="docker compose"
  elif command -v docker-compose >/dev/null; then
    COMPOSE=docker-compose
  else
    fail "Docker is here, but neither 'docker compose' nor docker-compose: install one of them."
  fi
  export COMPOSE
}

# As root on Debian the engine is installed and started; it goes on when we end.
start_engine() {
  if [ "$(id -u)" != 0 ] || [ ! -e /etc/debian_version ]; then
    fail "No Docker engine answers: start one (as root on Debian this installs and starts it by itself)."
  fi
  if ! command -v dockerd >/dev/null || ! command -v docker-compose >/dev/null || ! command -v iptables >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends docker.io docker-compose iptables >/dev/null
  fi
  # The package may have started it. /usr/bin/docker is the client that came with it.
  if ! /usr/bin/docker info >/dev/null 2>&1; then
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
    /usr/bin/docker info >/dev/null 2>&1 && return
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
