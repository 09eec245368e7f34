#!/usr/bin/env bash
# embed_test.sh EMBED TRITTER_RUN WRITE_BIGRAM_EXECUTABLE: the example, on a model made by hand, without a compiler.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$3" "$folder/step.texe" 2
cd "$folder"
seq 2000 > text
"$2" tokenize text -o data > /dev/null
"$2" train step.texe --data data --steps 0 -o begun > /dev/null 2>&1
"$1" begun data/train.bin trained step.texe > losses
cat losses
test -e trained/step-000020.tckpt
# The second loss is the lower one.
sed -E 's/.*loss ([0-9.]+).*/\1/' losses | sort -c -r -g && [ "$(sort -u losses | wc -l)" = 2 ]
! "$1" nowhere data/train.bin other step.texe 2> error || exit 1
grep -qx 'error: nowhere: there is no such checkpoint or run' error
