// Carries the precompiled headers; see TritterMLIR.cmake.
