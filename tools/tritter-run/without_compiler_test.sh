#!/usr/bin/env bash
# without_compiler_test.sh TRITTER_RUN WRITE_BIGRAM_EXECUTABLE: what tritter-run does where there is no compiler, on a
# model made by hand.
set -euo pipefail
run=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$2" "$folder/step.texe" 2
"$2" "$folder/one.texe" 1
cp "$run" "$folder/tritter-run" # away from any tritter-compile
run=$folder/tritter-run
export XDG_CACHE_HOME=$folder/cache
cd "$folder"

fail() { echo "FAILED: $*" >&2; exit 1; }
# says STATUS TEXT COMMAND...: the command ends with the status and writes the text somewhere.
says() {
  local status=$1 text=$2 code=0 output
  shift 2
  output=$("$@" 2>&1) || code=$?
  [ "$code" = "$status" ] || fail "status $code, not $status, of: $* ($output)"
  grep -qF -- "$text" <<< "$output" || fail "no '$text' in the output of: $* ($output)"
}

mkdir text
for i in 1 2 3 4 5 6 7 8; do for j in $(seq 200); do echo "line $((i * j % 17)) of text number $i"; done > text/$i.txt; done
says 0 "tokenizer bytes, 256 pieces" "$run" tokenize text --val 20% -o data
says 0 "wrote    whole/step-000060.tckpt" "$run" train step.texe --data data --steps 60 --lr 0.03 -o whole
says 0 "wrote    parts/step-000025.tckpt" "$run" train step.texe --data data --steps 25 --schedule-steps 60 --eval-every 6 --warmup 3 --lr 0.03 -o parts
says 0 "resume   step 25" "$run" train --resume parts --steps 60
says 0 "head.weight" "$run" inspect parts --tensors
"$run" inspect whole --tensors > a
"$run" inspect parts --tensors > b
diff a b || fail "a resumed run differs from the run uninterrupted"
says 0 "bits/byte" "$run" eval whole --data data --executable step.texe
says 0 "top-1 agree 100%" "$run" verify whole parts --data data --base-executable one.texe --grown-executable one.texe
says 2 "NOT MET" "$run" verify parts/step-000054.tckpt whole --base-executable one.texe --grown-executable one.texe
says 0 "line" "$run" generate whole --executable one.texe --prompt "line" --tokens 10
says 0 "train" "$run" inspect whole --history
says 0 "tokens/s" "$run" bench step.texe --steps 2
says 1 "error: this needs tritter-compile" "$run" train llama:15M --data data --steps 1 -o new
says 1 "did you mean --lr?" "$run" train step.texe --learning-rate 1
says 1 "whole already holds a run at step 60" "$run" train step.texe --data data --steps 1 -o whole
cp whole/step-000060.tckpt flipped.tckpt
printf '\x55' | dd of=flipped.tckpt bs=1 seek=5000 conv=notrunc status=none
says 1 "embed.weight" "$run" inspect flipped.tckpt --verify
echo passed
