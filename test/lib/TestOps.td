#ifndef TRITTER_TEST_OPS_TD
#define TRITTER_TEST_OPS_TD

// A dialect that nothing in the compiler or the runtime knows: what it takes to add an operation, and the test that it
// takes no more.

include "dialects/Tritter/OpInterfaces.td"
include "dialects/Tritter/TritterDialect.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Test_Dialect : Dialect {
  let name = "test";
  let cppNamespace = "::mlir::tritter::test";
  let summary = "Operations that only tests have";
}

class Test_Op<string mnemonic, list<Trait> traits = []> : Op<Test_Dialect, mnemonic, !listconcat([Pure], traits)>;

def Test_AffineOp : Test_Op<"affine", [Tritter_RowWise, Tritter_RecomputableOpInterface, InferTypeOpAdaptor]> {
  let summary = "gain x + shift, with a gain for each element of the last axis";
  let arguments = (ins Tritter_Tensor:$input, Tritter_Tensor:$gain, F64Attr:$shift);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input `,` $gain attr-dict `:` type(operands)";
}

def Test_AffineGradOp : Test_Op<"affine_grad", [InferTypeOpAdaptor]> {
  let summary = "the gradients of test.affine's input and gain";
  let arguments = (ins Tritter_Tensor:$gradient, Tritter_Tensor:$input, Tritter_Tensor:$gain);
  let results = (outs Tritter_Tensor:$input_gradient, Tritter_Tensor:$gain_gradient);
  let assemblyFormat = "$gradient `,` $input `,` $gain attr-dict `:` type(operands)";
}

def Test_BothWaysOp : Test_Op<"both_ways", [Tritter_RowWise, Tritter_ReadsWholeOperands, InferTypeOpAdaptor]> {
  let summary = "x W' and x W, for a square W: two products of one weight";
  let arguments = (ins Tritter_Tensor:$input, Tritter_Tensor:$weight);
  let results = (outs Tritter_Tensor:$forth, Tritter_Tensor:$back);
  let assemblyFormat = "$input `,` $weight attr-dict `:` type(operands)";
}

def Test_OpaqueOp : Test_Op<"opaque", [SameOperandsAndResultType]> {
  let summary = "has nothing that a pass needs but its type";
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def Test_UntypedOp : Test_Op<"untyped"> {
  let summary = "not even that";
  let arguments = (ins Tritter_Tensor:$input);
  let results = (outs Tritter_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

#endif // TRITTER_TEST_OPS_TD
