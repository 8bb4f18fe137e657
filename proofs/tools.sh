#!/bin/sh
# Look for Rocq and its libraries; as root on Debian or Ubuntu, fetch what is missing.
# Exits 1, and says what is missing, if the proofs cannot be checked here.
set -u
packages="coq libcoq-mathcomp-algebra-tactics libcoq-mathcomp-analysis"

missing() {
    for command in coqc coqchk coq_makefile; do
        command -v $command >/dev/null 2>&1 || echo "the command $command"
    done
    command -v coqc >/dev/null 2>&1 || return
    libraries=$(coqc -where)/user-contrib/mathcomp
    [ -e "$libraries/algebra/ssralg.vo" ] || echo "the library MathComp"
    [ -e "$libraries/algebra_tactics/ring.vo" ] || echo "the library MathComp Algebra Tactics"
    [ -e "$libraries/analysis/exp.vo" ] || echo "the library MathComp Analysis"
}

lacking=$(missing)
[ -z "$lacking" ] && exit 0

if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "fetching $packages (about 350 MB, 1.5 GB on disk)"
    log=$(mktemp)
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages; } >"$log" 2>&1 ||
        tail -n 5 "$log" >&2
    rm -f "$log"
    lacking=$(missing)
    [ -z "$lacking" ] && exit 0
fi

{
    echo "The formal proofs cannot be checked here, and were not. Missing:"
    echo "$lacking" | sed 's/^/  /'
    if command -v apt-get >/dev/null 2>&1; then
        echo "As root:  apt-get update && apt-get install --no-install-recommends $packages"
    else
        echo "They are written for Coq 8.16, MathComp 1.15, Algebra Tactics 1.0 and Analysis 0.6, the"
        echo "versions of Debian 12. With opam (untried here):"
        echo "  opam repo add coq-released https://coq.inria.fr/opam/released"
        echo "  opam install coq.8.16.1 coq-mathcomp-algebra.1.15.0 coq-mathcomp-algebra-tactics.1.0.0 \\"
        echo "      coq-mathcomp-analysis.0.6.0"
    fi
} >&2
exit 1
