#!/bin/sh
# Ends with one line where something is missing that a command of the Makefile needs, before anything is built:
#   needs.sh [jdk] [maven] [node] [port=8787] [size=20k] [core=js]
set -eu

fail() {
  echo "$1" >&2
  exit 1
}

# The first number of a Java's version; 1 for those before 9.
java_of() {
  "$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
}

jdk() {
  command -v java >/dev/null || fail "java is missing: install a JDK, 17 or newer"
  version=$(java_of java)
  [ "${version:-0}" -ge 17 ] || fail "java on the PATH is version ${version:-unknown}: a JDK is needed, 17 or newer"
  # Maven takes JAVA_HOME where it is set.
  if [ -n "${JAVA_HOME:-}" ]; then
    [ -x "$JAVA_HOME/bin/javac" ] || fail "JAVA_HOME ($JAVA_HOME) is no JDK: it has no bin/javac"
    version=$(java_of "$JAVA_HOME/bin/java")
    [ "${version:-0}" -ge 17 ] || fail "JAVA_HOME ($JAVA_HOME) is version ${version:-unknown}: a JDK is needed, 17 or newer"
  else
    command -v javac >/dev/null || fail "javac is missing: java on the PATH is no JDK; install one, 17 or newer"
  fi
}

maven() {
  # The variable may have options behind the program.
  program=${MVN:-mvn}
  program=${program%% *}
  command -v "$program" >/dev/null || fail "$program is missing: install Maven 3.8 or newer, or add MVN=\"\$PWD/mvnw -q\""
}

# Not named as the program: "command -v" finds functions too.
node_and_npm() {
  command -v node >/dev/null || fail "node is missing: install Node 20 or newer, with npm"
  version=$(node -v | sed 's/^v\([0-9]*\).*/\1/')
  [ "$version" -ge 20 ] || fail "node on the PATH is version $version: 20 or newer is needed"
  command -v npm >/dev/null || fail "npm is missing: it comes with Node"
}

port() {
  case $1 in
    *[!0-9]* | '') fail "PORT must be a number, got $1" ;;
  esac
  [ "$1" -le 65535 ] || fail "PORT must be at most 65535, got $1"
  # Where there is no bash the program itself says it, later.
  if command -v bash >/dev/null && bash -c ": < /dev/tcp/127.0.0.1/$1" 2>/dev/null; then
    fail "port $1 is in use: stop what uses it, or choose another one with PORT="
  fi
}

for need in "$@"; do
  value=${need#*=}
  case $need in
    jdk | maven) "$need" ;;
    node) node_and_npm ;;
    port=*) port "$value" ;;
    size=2k | size=20k | size=200k | core=js | core=wasm) ;;
    size=*) fail "SIZE must be 2k, 20k or 200k, got $value" ;;
    core=*) fail "CORE must be js or wasm, got $value" ;;
    *) fail "needs.sh knows no $need" ;;
  esac
done
