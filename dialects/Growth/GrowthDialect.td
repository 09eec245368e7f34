#ifndef TRITTER_GROWTH_DIALECT_TD
#define TRITTER_GROWTH_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "dialects/Support/WellFormed.td"

def Growth_Dialect : Dialect {
  let name = "growth";
  let cppNamespace = "::mlir::growth";
  let summary = "Where a grown model's parameters come from";
  let description = [{
    A derivation is the region of a `tritter.param`: a small graph that says how a tensor is made of another model's.
    Sources are read, mapped along one axis at a time with exact coefficients, padded, added to one another. Weights are
    never in the IR, so what a derivation computes can be folded, compared and proved for all weights at once.

    Every derivation folds to a sum of few terms, each a source with one *axis map* for each of its axes
    (`--growth-normalise`), which is also what the runtime evaluates, in f64 and rounded once.

    ```mlir
    %w = tritter.param "mlp.down.weight" : tensor<192x768xf32> derives {
      %s = growth.source @base "mlp.down.weight" : tensor<128x384xf32>
      %c = growth.gather %s along 1 by <384 from 0 times 1/2, 384 from 0 times 1/2> : tensor<128x384xf32>
      %p = growth.pad %c along 0 to 192 : tensor<128x768xf32>
      growth.yield %p : tensor<192x768xf32>
    }
    ```
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::tritter::TritterDialect"];
}

def Growth_MapAttr : AttrDef<Growth_Dialect, "Map"> {
  let mnemonic = "map";
  let summary = "how one axis of a tensor is made of an old one, in runs";
  let description = [{
    Runs in the order of the new axis, each of a number of coordinates: coordinate j of `L from F step S times C` is
    old coordinate F + j S times C (a step of 1 and a coefficient of 1 are left out); `L zero` is zero;
    `L mean times C` is C times the mean of all old coordinates. Coefficients are exact: `1/2`, `-1`, `sqrt(2/3)`.

    ```mlir
    #split = #growth.map<128 from 0, 64 from 0 times 1/2, 64 zero>
    ```

    Constraints:
    - C1: a run has a positive number of coordinates.
    - C2: the number of all coordinates is less than 2^63.
    - C3: a run reads coordinates from 0 on.
  }];
  let parameters = (ins OptionalArrayRefParameter<"::mlir::growth::Run">:$runs);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The number of new coordinates.
    int64_t getLength() const;
  }];
}

def Growth_CoefficientAttr : AttrDef<Growth_Dialect, "Coefficient"> {
  let mnemonic = "coefficient";
  let summary = "an exact number: a fraction times the square root of an integer";
  let description = [{
    Constraints:
    - C1: the fraction's denominator is not 0, the root is of a positive number, and their terms are less than 2^63.
  }];
  let parameters = (ins "::mlir::growth::Coefficient":$value);
  let hasCustomAssemblyFormat = 1;
}

def Growth_Verdict : I32EnumAttr<"Verdict", "what a growth preserves", [
  I32EnumAttrCase<"Exact", 0, "exact">, I32EnumAttrCase<"Rounding", 1, "rounding">,
  I32EnumAttrCase<"NotPreserved", 2, "not-preserved">]> {
  let cppNamespace = "::mlir::growth";
  let genSpecializedAttr = 0;
}

def Growth_Promise : I32EnumAttr<"Promise", "what a growth says that it preserves", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Preserves", 1, "preserves">]> {
  let cppNamespace = "::mlir::growth";
  let genSpecializedAttr = 0;
}

def Growth_PromiseAttr : EnumAttr<Growth_Dialect, Growth_Promise, "promise"> {
  let summary = "what the pass that made a grown model says that it preserves";
  let description = [{
    `preserves`: the same function; `--tritter-verify-growth` fails where that cannot be proved. `none`: the growth is
    known to change the function. A grown model without a promise was written by hand; it is proved like any other, and
    held to nothing.

    ```mlir
    #kept = #growth.promise<preserves>
    ```
  }];
  let assemblyFormat = "`<` $value `>`";
}

def Growth_ProofAttr : AttrDef<Growth_Dialect, "Proof"> {
  let mnemonic = "proof";
  let summary = "what `--tritter-verify-growth` proved of a grown model";
  let description = [{
    The verdict (exact, rounding or not-preserved), whether the floating-point results are the same bits, how much of
    an operation's result rounding takes at most, and of a growth that does not preserve, the first operation where the
    relation is lost and why.

    ```mlir
    #same = #growth.proof<exact, bitwise>
    #near = #growth.proof<rounding, within = 6.0e-08>
    #lost = #growth.proof<"not-preserved", first_broken = "layers.4 (old layers.2)", reason = "reads ...">
    ```
  }];
  let parameters = (ins "::mlir::growth::Verdict":$verdict, "bool":$bitwise,
                        APFloatParameter<"of an operation's result, at most">:$relativeError,
                        StringRefParameter<>:$firstBroken, StringRefParameter<>:$reason);
  let hasCustomAssemblyFormat = 1;
}

#endif // TRITTER_GROWTH_DIALECT_TD
