// An operation whose labels do not agree: C1 is as it should be; each of the others lacks something.

include "mlir/IR/OpBase.td"

def Toy_Dialect : Dialect {
  let name = "toy";
}

def Toy_PairOp : Op<Toy_Dialect, "pair"> {
  let description = [{
    Constraints:
    - C1: there are two operands.
    - C2: the operands have one type, which no verifier checks.
    - C3: the operands are small, which no test breaks.
    - C5: the number before this one is missing.
  }];
}
