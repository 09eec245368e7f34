// pair C1
// expected-error @below {{has two operands}}
toy.pair

// -----

// pair C2
// expected-error @below {{has operands of one type}}
toy.pair

// -----

// A case that expects nothing.
// pair C3
toy.pair

// -----

// pair C5
// pair C6
// expected-error @below {{has operands}}
toy.pair
