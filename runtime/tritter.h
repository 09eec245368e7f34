#ifndef TRITTER_RUNTIME_TRITTER_H
#define TRITTER_RUNTIME_TRITTER_H

/// The runtime in another program: everything that tritter-run does, as functions. Link `tritter_jobs`; there is no
/// LLVM in it. See examples/embed.
///
/// A job takes a request (a plain struct; what is left alone has the default of tritter-run) and gives a Result: a
/// value, or one sentence that says what is wrong. Nothing prints, nothing exits, and jobs may be called any number of
/// times in a process, one after the other. Models are compiled by a Compiler, which a job is handed: the program
/// tritter-compile (createProgramCompiler), or executables that were compiled elsewhere (createGivenExecutables).
///
/// A device computes on all processors by OpenMP. libgomp's threads spin for milliseconds at every barrier; a program
/// that shares its machine sets GOMP_SPINCOUNT=500 before libgomp is loaded, as tritter-run does.
#include "runtime/jobs/benchmark.h"
#include "runtime/jobs/check.h"
#include "runtime/jobs/compiler.h"
#include "runtime/jobs/evaluate.h"
#include "runtime/jobs/generate.h"
#include "runtime/jobs/grow.h"
#include "runtime/jobs/import.h"
#include "runtime/jobs/tokenize.h"
#include "runtime/jobs/train.h"
#include "runtime/jobs/verify.h"
#include "runtime/report/report.h"

#endif // TRITTER_RUNTIME_TRITTER_H
