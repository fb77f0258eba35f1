#!/bin/sh
# Everything that can be known without running the program. All steps run, also after a failed one; the last line says
# how it ended. Usage: tools/check.sh BIN, the folder of the environment's programs.
set -u
cd "$(dirname "$0")/.."
bin=${1:-.venv/bin}
failed=""

# Types and migrations read the settings; nothing connects anywhere and nothing is a secret.
export DATABASE_URL="postgresql://nobody@/nothing?host=/nonexistent"
export UNKNOT_SECRET_KEY=only-for-checks UNKNOT_MASTER_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
export DJANGO_SETTINGS_MODULE=unknot.config.settings PYTHONPATH=src PYTHONDONTWRITEBYTECODE=1

step() { # step "what it looks at" "what to do when it fails" command...
    what=$1 cure=$2
    shift 2
    printf 'check: %s ... ' "$what"
    if said=$("$@" 2>&1); then
        echo ok
    else
        printf 'FAILED\n%s\ncheck: to mend it: %s\n' "$said" "$cure"
        failed="$failed, $what"
    fi
}

paths="src tests tools"
[ -d bench ] && paths="$paths bench"
[ -d rigs ] && paths="$paths rigs"
prose="src tests tools rigs docs"
[ -f README.md ] && prose="$prose README.md"
templates=$(find src -name '*.html')

# shellcheck disable=SC2086 # these are lists
{
    step "formatting" "$bin/ruff format $paths" "$bin/ruff" format --check --quiet --diff $paths
    step "lint" "$bin/ruff check --fix $paths, then by hand" "$bin/ruff" check --quiet $paths
    step "types" "read each line above" "$bin/mypy"
    step "import contracts" "move the code to the room or floor where it belongs" "$bin/lint-imports" --no-cache
    step "sizes and names" "part the file by subject, name it after what it is" "$bin/python" tools/check_sizes.py
    step "migrations match the models" "unknot makemigrations --name what_changes" \
        "$bin/python" -W "ignore:Got an error checking" -m django makemigrations --check --dry-run
    step "templates" "correct the tags named above" "$bin/djlint" --lint --quiet $templates
    step "spelling" "correct it, or add the word to [tool.codespell]" "$bin/codespell" $prose
    step "docs complete" "write the line or page named above" "$bin/python" -m pytest -q -n 0 tests/test_docs.py
    step "security lint" "change the code; # nosec needs its number and reason" "$bin/bandit" -q -lll -r src
}

if [ -n "$failed" ]; then
    echo "check: not in order: ${failed#, }."
    exit 1
fi
echo "check: everything is in order."
