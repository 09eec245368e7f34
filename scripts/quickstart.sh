#!/usr/bin/env bash
# The whole job on real text: tokenise, train a small model, grow it deeper four ways, prove what each kept, train on,
# sample, and draw it all. Installs what is missing (as root or through sudo), builds, and writes into ./runs.
#   scripts/quickstart.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-runs/quickstart}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
# Shows a command, and runs it.
tritter() {
  printf '\033[2m$ tritter-run %s\033[0m\n' "$*" >&2
  build/release/bin/tritter-run "$@"
}
# A growth that promises nothing ends with status 2, and that is what it should do.
gate() { tritter "$@" || [ $? -eq 2 ]; }

if [ -e "$out" ]; then
  echo "quickstart: $out is there already; remove it, or name another folder" >&2
  exit 1
fi

say "Setting up and building"
scripts/setup.sh compiler perl-doc
scripts/build.sh release tritter-opt tritter-compile tritter-run
mkdir -p "$out"

start=$SECONDS
say "1. Text that Debian installed: LLVM's headers for code, perl's documentation for prose"
tritter tokenize /usr/lib/llvm-22/include/llvm /usr/lib/llvm-22/include/mlir /usr/share/perl \
  --include '*.h,*.pod' --train-spm 2048 --val 1% -o "$out/data"

say "2. A small Llama, declared in a line, trained from nothing"
cat examples/tiny.mlir
train=(--data "$out/data" --batch 8 --seq 256 --precision bf16 --eval-windows 32)
tritter train examples/tiny.mlir "${train[@]}" --steps "${BASE_STEPS:-240}" --eval-every 40 -o "$out/base"

say "3. Grown deeper four ways: the change in the IR, the proof, the measured difference"
for method in llama-pro solar stack interpolate; do
  case $method in llama-pro | solar) layers=6 ;; *) layers=8 ;; esac
  say "   $method, 4 layers to $layers"
  tritter expand "$out/base" --method $method --layers $layers -o "$out/$method.tckpt"
  tritter diff "$out/base" "$out/$method.tckpt"
  gate verify "$out/base" "$out/$method.tckpt" --data "$out/data" --json >"$out/$method.json"
done

say "4. The LLaMA-Pro model trained on: its new layers only, then all of it"
steps=${GROWN_STEPS:-80}
tritter train "$out/llama-pro.tckpt" "${train[@]}" --steps "$steps" --eval-every 20 --lr 1e-3 --train-only new -o "$out/llama-pro-new"
tritter train "$out/llama-pro-new" "${train[@]}" --steps "$steps" --eval-every 20 --lr 5e-4 -o "$out/llama-pro"

say "   The other growths for as long, and the same shapes from nothing"
for method in solar stack interpolate; do
  tritter train "$out/$method.tckpt" "${train[@]}" --steps "$steps" --eval-every 20 --lr 1e-3 -o "$out/$method"
done
for layers in 6 8; do
  sed "s/layers = 4/layers = $layers/" examples/tiny.mlir >"$out/tiny-$layers.mlir"
  tritter train "$out/tiny-$layers.mlir" "${train[@]}" --steps $((${BASE_STEPS:-240} + (8 - layers) * steps / 2)) \
    --eval-every 40 -o "$out/scratch-$layers"
done

say "5. What it writes, and the report"
tritter generate "$out/llama-pro" --prompt "The function returns " --tokens 60 --seed 1
tritter report "$out"/{base,llama-pro-new,llama-pro,solar,stack,interpolate,scratch-6,scratch-8} \
  --check "$out/llama-pro.json" --check "$out/solar.json" --check "$out/stack.json" --check "$out/interpolate.json" \
  -o "$out/report.html"
printf '\nDone in %d s (the set-up and the build not counted). Open %s in a browser.\n' $((SECONDS - start)) "$out/report.html"
