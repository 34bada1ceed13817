#!/bin/sh
set -eu
here=$(dirname "$0")

usage() {
  cat <<'END'
Makes what the Worker writes to and recovers from, in the account that wrangler is logged in to: a bucket with a data catalog, a
stream with the records' schema, a sink, and the SQL between them. What is there already is passed over, so it may be run again
after whatever stopped it. At the end it prints what to add to wrangler's configuration.

  CATALOG_TOKEN=<an R2 API token with Admin Read & Write> sh setup.sh [bucket]

  bucket           unified-storage, unless given
  CATALOG_TOKEN    for the sink; made in the dashboard. Not needed once there is a sink
  ROLL_INTERVAL    seconds between two files of the sink, 60 at least; rows can be recovered once it has rolled
  DRY_RUN=1        prints the commands that make everything, and asks no server

It runs from any folder in which `npx wrangler` is the project's: after `npx wrangler login`, or with CLOUDFLARE_API_TOKEN.
END
}

fail() {
  echo "setup.sh: $1" >&2
  exit "${2:-1}"
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
  -*) fail "there is no option $1; --help says what there is" 2 ;;
esac
[ $# -le 1 ] || fail "expected at most one bucket, there are $#; --help says more" 2

bucket=${1:-unified-storage}
stream=unified_storage_events
sink=unified_storage_sink
pipeline=unified_storage
roll=${ROLL_INTERVAL:-60}
export NO_COLOR=1 FORCE_COLOR=0

token=${CATALOG_TOKEN:-}

wrangler() {
  npx --no -- wrangler "$@"
}

# Whether something is there; what wrangler said is in $found. Where that cannot be known the script ends.
there() {
  what=$1
  shift
  found=$(wrangler "$@" 2>&1) && return 0
  case $found in
    *"not found"* | *"does not exist"*) return 1 ;;
  esac
  echo "$found" >&2
  fail "it could not look for the $what"
}

# Makes something; what goes wrong is in wrangler's words.
make() {
  what=$1
  shift
  if [ -n "${DRY_RUN:-}" ]; then
    echo "npx wrangler $*"
    return
  fi
  wrangler "$@" || fail "the $what was not made; run this again when that is mended, and it goes on from here"
  echo "$what: made"
}

make_bucket() { make "bucket $bucket" r2 bucket create "$bucket"; }
make_catalog() { make "catalog of $bucket" r2 bucket catalog enable "$bucket"; }
make_stream() {
  make "stream $stream" pipelines streams create "$stream" --schema-file "$here/schema.json" --http-enabled=false
}
make_sink() {
  make "sink $sink" pipelines sinks create "$sink" --type r2-data-catalog --bucket "$bucket" \
    --namespace unified_storage --table events --roll-interval "$roll" --compression zstd --catalog-token "$token"
}
make_pipeline() { make "pipeline $pipeline" pipelines create "$pipeline" --sql-file "$here/events.sql"; }

if [ -n "${DRY_RUN:-}" ]; then
  token="<token>"
  make_bucket && make_catalog && make_stream && make_sink && make_pipeline
  exit 0
fi

command -v npx >/dev/null || fail "npx is missing: install Node 22.15 or newer"
wrangler --version >/dev/null 2>&1 || fail "wrangler does not run here: npm install --save-dev wrangler, with Node 22.15 or newer"
[ "$roll" -ge 60 ] 2>/dev/null || fail "ROLL_INTERVAL must be 60 seconds or more, got $roll" 2

# Before anything is made: without the token it would end half way.
if there "sink $sink" pipelines sinks get "$sink" --json; then
  has_sink=yes
else
  has_sink=no
  [ -n "$token" ] || fail "CATALOG_TOKEN is not set: make an R2 API token with Admin Read & Write in the dashboard"
fi

if there "bucket $bucket" r2 bucket info "$bucket" --json; then echo "bucket $bucket: there"; else make_bucket; fi

there "catalog of $bucket" r2 bucket catalog get "$bucket" || true
case $found in
  *"Warehouse:"*inactive* | *"not enabled"*) make_catalog ;;
  *"Warehouse:"*) echo "catalog of $bucket: there" ;;
  *) make_catalog ;;
esac

if there "stream $stream" pipelines streams get "$stream" --json; then
  for field in $(sed -n 's/.*"name": "\([^"]*\)".*/\1/p' "$here/schema.json"); do
    case $found in
      *"\"$field\""*) ;;
      *) fail "the stream $stream has no field $field: an earlier release made it; delete it, or add what schema.json has more" ;;
    esac
  done
  echo "stream $stream: there"
else
  make_stream
fi

if [ "$has_sink" = yes ]; then echo "sink $sink: there"; else make_sink; fi
if there "pipeline $pipeline" pipelines get "$pipeline" --json; then echo "pipeline $pipeline: there"; else make_pipeline; fi

# The value behind a label or a name, in what wrangler has said.
value() { echo "$found" | sed -n "s/^ *\"*$1\"*: *\"*\([^\",]*\)\"*,*\$/\1/p" | head -n 1; }
there "stream $stream" pipelines streams get "$stream" --json
id=$(value id)
there "catalog of $bucket" r2 bucket catalog get "$bucket"
uri=$(value 'Catalog URI')
warehouse=$(value Warehouse)

cat <<END

All is there. For wrangler.jsonc:

  "pipelines": [{ "binding": "EVENTS", "stream": "${id:-<the id of npx wrangler pipelines streams list>}" }],
  "r2_buckets": [{ "binding": "WAREHOUSE", "bucket_name": "$bucket" }],
  "vars": {
    "ICEBERG_CATALOG_URL": "${uri:-<the URI of npx wrangler r2 bucket catalog get $bucket>}",
    "ICEBERG_WAREHOUSE": "${warehouse:-<the warehouse of the same>}"
  }

Then the token, which the Worker reads the archive with: npx wrangler secret put ICEBERG_TOKEN
END
