LogicalResult PairOp::verify() {
  if (operands != 2) // pair C1
    return failure();
  return isSmall(); // pair C3, pair C5
}
