#!/bin/sh
# Makes what the Worker writes to and recovers from, in the account wrangler is logged in to:
# a bucket with a data catalog, a stream with the records' schema, a sink and the SQL between them.
#
#   CATALOG_TOKEN=<an R2 API token with Admin Read & Write> sh pipeline/setup.sh [bucket]
#
# It runs from any folder in which `npx wrangler` is the project's. DRY_RUN=1 only prints the commands. A step
# whose thing exists fails with wrangler's message and stops the script: delete the thing, or go on by hand from there.
set -eu
here=$(dirname "$0")
bucket=${1:-unified-storage}
# Rows can be recovered once the sink has rolled: 60 s is the least it takes.
roll=${ROLL_INTERVAL:-60}

run() {
  if [ -n "${DRY_RUN:-}" ]; then
    echo "npx wrangler $*"
  else
    npx wrangler "$@"
  fi
}

if [ -z "${DRY_RUN:-}" ] && [ -z "${CATALOG_TOKEN:-}" ]; then
  echo "CATALOG_TOKEN is not set: make an R2 API token (Admin Read & Write) in the dashboard" >&2
  exit 1
fi

run r2 bucket create "$bucket"
run r2 bucket catalog enable "$bucket"
run pipelines streams create unified_storage_events \
  --schema-file "$here/schema.json" --http-enabled=false
run pipelines sinks create unified_storage_sink --type r2-data-catalog \
  --bucket "$bucket" --namespace unified_storage --table events \
  --roll-interval "$roll" --compression zstd --catalog-token "${CATALOG_TOKEN:-<token>}"
run pipelines create unified_storage --sql-file "$here/events.sql"
echo "The stream's id, for the binding EVENTS in wrangler's configuration:"
run pipelines streams list
