#!/bin/sh
# Runs `make test` so many times, each on a fresh clone of this commit, and says how each run ended:
#   test-times.sh [10]
# A run that fails leaves its output behind, and the next one begins all the same.
set -eu

times=${1:-10}
from=$(git rev-parse --show-toplevel)
# What is committed meanwhile is not tested.
commit=$(git rev-parse --short HEAD)
scratch=$(mktemp -d)
failed=0
for run in $(seq "$times"); do
  git clone --quiet "$from" "$scratch/$run"
  git -C "$scratch/$run" checkout --quiet --detach "$commit"
  began=$(date +%s)
  if (cd "$scratch/$run" && make test) >"$scratch/$run.log" 2>&1; then
    ended=passed
    rm "$scratch/$run.log"
  else
    ended="failed, see $scratch/$run.log"
    failed=$((failed + 1))
  fi
  echo "run $run of $times at $commit: $ended, $(($(date +%s) - began)) s"
  rm -rf "${scratch:?}/$run"
done
[ "$failed" -eq 0 ]
