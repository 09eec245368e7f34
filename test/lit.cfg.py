"""lit: the passes (FileCheck on their output, their errors) and the tools."""
import os
import shutil
import subprocess
import sys
import tempfile

import lit.formats

config.name = "tritter"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Golden", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)

# Made by CMake as lit.site.cfg.py, or, when run straight from the sources, from the release build.
build = getattr(config, "tritter_build", None) or os.path.join(config.test_source_root, "..", "build", "release")
config.test_exec_root = os.path.join(os.path.abspath(build), "test")
llvm = "/usr/lib/llvm-22/bin"
config.environment["PATH"] = os.pathsep.join([os.path.join(os.path.abspath(build), "bin"), llvm, os.environ["PATH"]])
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")
config.substitutions.append(("%build", os.path.abspath(build)))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%inputs", os.path.join(config.test_source_root, "Inputs")))
config.substitutions.append(("%root", os.path.normpath(os.path.join(config.test_source_root, ".."))))
config.substitutions.append(("%examples", os.path.join(config.test_source_root, "..", "examples")))
for program in ("tritter-compile", "tritter-run"):
    if os.path.exists(os.path.join(os.path.abspath(build), "bin", program)):
        config.available_features.add(program)
# A small file system to fill up: only root may mount one, and not in every container.
if os.geteuid() == 0:
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder]
        if shutil.which("mount") and subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0:
            subprocess.run(["umount", folder], check=True)
            config.available_features.add("tmpfs")
