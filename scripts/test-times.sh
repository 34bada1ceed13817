#!/bin/sh
# Runs `make test` so many times, each on a fresh clone of this commit, and says how each run ended:
#   test-times.sh [10] [how many at once, 1]
# A run that fails leaves its output behind, and the next one begins all the same.
set -eu

times=${1:-10}
at_once=${2:-1}
from=$(git rev-parse --show-toplevel)
commit=$(git rev-parse --short HEAD)
scratch=$(mktemp -d)

run() {
  git clone --quiet "$from" "$scratch/$1"
  git -C "$scratch/$1" checkout --quiet --detach "$commit"
  began=$(date +%s)
  if (cd "$scratch/$1" && make test) >"$scratch/$1.log" 2>&1; then
    ended=passed
    rm "$scratch/$1.log"
  else
    ended="failed, see $scratch/$1.log"
    echo "$1" >>"$scratch/failed"
  fi
  echo "run $1 of $times at $commit: $ended, $(($(date +%s) - began)) s"
  rm -rf "${scratch:?}/$1"
}

lane=1
while [ "$lane" -le "$at_once" ]; do
  for number in $(seq "$lane" "$at_once" "$times"); do
    run "$number"
  done &
  lane=$((lane + 1))
done
wait
[ ! -e "$scratch/failed" ]
